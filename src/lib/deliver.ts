/** Hands a message to whoever listens on a transport. Whatever it sets off must not end this process: we are inside an event of a stream. */
export function deliver<Message>(
  transport: {
    onmessage?: ((message: Message) => void) | undefined;
    onerror?: ((error: Error) => void) | undefined;
  },
  message: Message,
): void {
  try {
    transport.onmessage?.(message);
  } catch (error) {
    transport.onerror?.(error instanceof Error ? error : new Error(String(error)));
  }
}
