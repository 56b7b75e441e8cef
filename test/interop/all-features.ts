import type { Feature } from './feature.ts';
import { changeFeatures, listFeatures } from './features/lists.ts';
import { metaFeatures } from './features/meta.ts';
import { pageAndModelFeatures } from './features/pages-and-models.ts';
import { promptFeatures } from './features/prompts.ts';
import { questionFeatures } from './features/questions.ts';
import { resourceFeatures } from './features/resources.ts';
import { runningCallFeatures } from './features/running-calls.ts';
import { toolFeatures } from './features/tools.ts';
import { vendorFeatures } from './features/vendor.ts';

/** Every row of the matrix. */
export const allFeatures: readonly Feature[] = [
  ...metaFeatures,
  ...listFeatures,
  ...toolFeatures,
  ...resourceFeatures,
  ...promptFeatures,
  ...runningCallFeatures,
  ...questionFeatures,
  ...pageAndModelFeatures,
  ...vendorFeatures,
  // Last, since they make the lists longer.
  ...changeFeatures,
];
