import type { ReloadReport } from './diff-configs.ts';

/** One line that says what a reload has changed: `reloaded: +added, -removed, ~changed; 3 kept`. */
export function renderReload({ added, removed, changed, kept, settings }: ReloadReport): string {
  const changes = [
    ...added.map((name) => `+${name}`),
    ...removed.map((name) => `-${name}`),
    ...changed.map((name) => `~${name}`),
    ...settings,
  ];
  return `reloaded: ${changes.length === 0 ? 'nothing changed' : changes.join(', ')}; ${kept.length} kept`;
}
