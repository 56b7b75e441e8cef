import { Aborter } from '../../core/abort.ts';
import type { Ask, Notice } from '../../core/protocol/client.ts';
import { refusal, rpcCode } from '../../core/protocol/rpc.ts';
import type { BatchInput, BatchProgress } from './batch-input.ts';

/** What a batch says to the client while the request is open that it came with. */
export interface ClientVoice {
  ask: Ask;
  onNotice?: (notice: Notice) => void;
  onProgress(progress: BatchProgress): void;
  /** The request has been answered: nothing is said any more, and who asks hears that nobody is there. */
  hush(): void;
}

export function createClientVoice({ ask, onNotice, onProgress }: BatchInput): ClientVoice {
  const open = new Set<() => void>();
  let isHushed = ask === undefined;
  return {
    ask: (question, signal) =>
      new Promise((resolve) => {
        if (ask === undefined || isHushed) return resolve(nobody);
        const withdrawal = new Aborter();
        const withdraw = (): void => withdrawal.abort();
        const giveUp = (): void => {
          withdraw();
          resolve(nobody);
        };
        open.add(giveUp);
        signal.addEventListener('abort', withdraw, { once: true });
        void ask(question, withdrawal).then((reply) => {
          open.delete(giveUp);
          signal.removeEventListener('abort', withdraw);
          resolve(reply);
        });
      }),
    ...(onNotice !== undefined && {
      onNotice(notice) {
        if (!isHushed) onNotice(notice);
      },
    }),
    onProgress(progress) {
      if (!isHushed) onProgress?.(progress);
    },
    hush() {
      isHushed = true;
      for (const giveUp of open) giveUp();
      open.clear();
    },
  };
}

const nobody = refusal(rpcCode.methodNotFound, 'there is nobody to ask');
