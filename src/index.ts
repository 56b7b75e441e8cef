/** The library: what the command line is a thin caller of. */
export { createProxy, loadConfig, type Proxy } from './app.ts';
export { planBatch } from './batch/plan/plan-batch.ts';
export type { Catalog, CatalogEntry } from './catalog/build-catalog.ts';
export type { Config, ServerConfig } from './config/config.ts';
export { ConfigError } from './config/config-error.ts';
export type { Policy } from './config/policy.ts';
export type { RecipeConfig } from './config/recipe/recipe.ts';
export type { Outcome } from './core/outcome.ts';
export type { Plan, PlanEntry, PlannedCall } from './core/plan.ts';
export type { Telemetry } from './core/telemetry.ts';
export type { Tool, ToolClass } from './core/tool.ts';
export type { Classification, Decision } from './core/verdict.ts';
export { createLogger, type Logger } from './lib/logger.ts';
export { classifyTool } from './policy/classify-tool.ts';
export type { BatchInput } from './serve/batch/batch-input.ts';
export { useGlobalProviders } from './telemetry/use-global-providers.ts';
export type { UpstreamState } from './upstream/upstream.ts';
