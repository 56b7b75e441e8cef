/** How a batch is shown again later, as it would be typed. */
export function reportHint(batchId: string, configFile: string | undefined): string {
  const config = configFile === undefined ? '' : ` --config ${quote(configFile)}`;
  return `mcp-marshal report ${batchId}${config} shows it again`;
}

function quote(word: string): string {
  return /^[\w./~@%+=:,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
