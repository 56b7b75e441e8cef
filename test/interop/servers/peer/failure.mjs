/** An error that both SDKs put on the wire as it is: code, message and data. */
export function failure(code, message, data) {
  return Object.assign(new Error(message), { code, ...(data !== undefined && { data }) });
}
