import type { Feature } from './feature.ts';
import { batchFeatures } from './features/batches.ts';
import { changeFeatures, listFeatures } from './features/lists.ts';
import { metaFeatures } from './features/meta.ts';
import { pageAndModelFeatures } from './features/pages-and-models.ts';
import { promptFeatures } from './features/prompts.ts';
import { questionFeatures, unansweredFeatures } from './features/questions.ts';
import { resourceFeatures } from './features/resources.ts';
import { runningCallFeatures } from './features/running-calls.ts';
import { toolFeatures } from './features/tools.ts';
import { vendorFeatures } from './features/vendor.ts';

const features: readonly Feature[] = [
  ...metaFeatures,
  ...listFeatures,
  ...toolFeatures,
  ...resourceFeatures,
  ...promptFeatures,
  ...questionFeatures,
  // After the questions: a server that leaves cancelled calls unanswered may still ask for one, so the first question to come after it
  // could be for either client, and is refused once.
  ...runningCallFeatures,
  ...pageAndModelFeatures,
  ...vendorFeatures,
  // After the rest, since they make the lists longer.
  ...changeFeatures,
];

/** Every row between a client and a server. Last are those that leave something behind, so that they break no others. */
export const directFeatures: readonly Feature[] = [...features, ...unansweredFeatures];

/** Every row between a client and a server with the proxy between them. */
export const proxiedFeatures: readonly Feature[] = [...features, ...batchFeatures, ...unansweredFeatures];
