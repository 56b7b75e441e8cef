/** Something about a tool that a person should know before they accept it. */
export interface Finding {
  server: string;
  /** The tool's name at its server, as it is. */
  tool: string;
  /** A `note` is odd in some company and usual in other. */
  level: 'warning' | 'note';
  /** What was found, in a phrase that follows the tool's name. Holds nothing that a terminal could be led by. */
  message: string;
}
