const [width, height] = [140, 10];

/** A small bar, one part over the other; shares are of the longest bar in the column. The number stands beside it. */
export function drawStrip(parts: readonly { share: number; tone: 'all' | 'failed' | 'half' }[]): string {
  const bars = parts
    .filter(({ share }) => share > 0)
    // What there is can be seen, however little it is.
    .map(({ share, tone }) => {
      const length = Math.max(1, Math.round(Math.min(1, share) * width * 10) / 10);
      return `<rect class="${tone}" width="${length}" height="${height}" rx="1"/>`;
    });
  return `<svg class="strip" width="${width}" height="${height}" aria-hidden="true">${bars.join('')}</svg>`;
}
