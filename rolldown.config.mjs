import { readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';
import license from 'rollup-plugin-license';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const isInstalled = (id) => Object.keys(dependencies).some((name) => id === name || id.startsWith(`${name}/`));

// A few files for the program instead of hundreds, since a client waits for its first answer from the moment it starts us; what is loaded
// only when it is needed stays apart, as a chunk. Dependencies stay where npm puts them. What is used without being one becomes a chunk
// as well, with its licence: OpenTelemetry's SDK, which is 60 MB of files, of which a tenth of one is needed.
export default defineConfig({
  input: { main: 'src/main.ts', index: 'src/index.ts' },
  platform: 'node',
  // OpenTelemetry's CommonJS, which is what Node would load, cannot be taken apart: five times as much.
  resolve: { mainFields: ['module', 'main'] },
  external: (id) => id.startsWith('node:') || isInstalled(id),
  plugins: [license({ thirdParty: { output: 'dist/THIRD-PARTY.txt' } })],
  output: {
    dir: 'dist',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
  },
});
