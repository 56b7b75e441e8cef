// Started by in-own-process.mjs with the name of a generator; takes its options as a message and answers with what it returned.
import { sendMarkedCalls } from '../isolation/send-marked-calls.mjs';
import { sendBatches } from '../load/send-batches.mjs';

const generators = { sendBatches, sendMarkedCalls };

const work = async (options) => {
  const said = await generators[process.argv[2]](options).then(
    (value) => ({ value }),
    (error) => ({ error: String(error?.stack ?? error) }),
  );
  process.send(said, () => process.disconnect());
};
process.once('message', (options) => void work(options));
