/** A package of npm without its version: `@scope/name@latest` is `@scope/name`. Nothing for what is no name: an address, a folder. */
export function npmPackage(spec: string | undefined): string | undefined {
  return /^((?:@[\w.~-]+\/)?[\w][\w.~-]*)(?:@[^/:]*)?$/.exec(spec ?? '')?.[1]?.toLowerCase();
}

/** A package of PyPI without version and extras, as PyPI compares names: `MCP_server.git[cli]==1.0` is `mcp-server-git`. Nothing for `name @ ADDRESS`, which is what lies there. */
export function requirementName(spec: string | undefined): string | undefined {
  return pypiPackage(/^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*(?:(?:[=<>!~]=?|===).*|@[^/:]*)?$/.exec(spec ?? '')?.[1]);
}

/** A name as PyPI compares it: letters small, and every run of `-`, `_` and `.` one `-`. */
export function pypiPackage(name: string | undefined): string | undefined {
  if (name === undefined || !/^[A-Za-z0-9][\w.-]*$/.test(name)) return undefined;
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/** A container image without its tag, its digest, and the registry that is meant where none is named. */
export function containerImage(reference: string | undefined): string | undefined {
  if (reference === undefined || !/^[a-z0-9]/i.test(reference)) return undefined;
  const name = reference.replace(/@sha256:.*$/, '').replace(/:[^/:]*$/, '');
  return name
    .toLowerCase()
    .replace(/^(?:docker\.io|index\.docker\.io)\//, '')
    .replace(/^library\//, '');
}
