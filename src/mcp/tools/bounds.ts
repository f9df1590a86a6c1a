/** The most that is taken of what a server declares. Text is in characters, the others in number. */
export const bounds = {
  /** Declarations of one kind. */
  declarations: 1_024,
  /** Pages of one list. */
  pages: 256,
  /** Objects and arrays inside of each other, in a declaration. */
  depth: 64,
  /** The name of a declaration. */
  name: 256,
  /** A declaration as RFC 8785 JSON. */
  declaration: 262_144,
  /** The instructions of a server. */
  instructions: 262_144,
  /** A message of a server, in octets. */
  message: 16_777_216,
  /** A file of pins, or of declarations, in octets. */
  file: 67_108_864,
} as const;
