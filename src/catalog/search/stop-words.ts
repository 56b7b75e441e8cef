/** Words of a question that say nothing of a tool: who shares only these with it has not been asked for. Words of tools, such as "get", "all" and "list", are none. */
export const stopWords: ReadonlySet<string> = new Set(
  'a an the and or of to in on at by for from with within into onto as is are was were be been am do does did has have had i me my mine we us our you your he she it its this that these those they them their there here what which who whom whose when where why how can could should would will shall may might must please want need let some any so than then too very just about if not no s t re ve ll m up something anything everything nothing thing'.split(
    ' ',
  ),
);
