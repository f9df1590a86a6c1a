// Words that the generated modules share.
export const banner = '// Generated from spec/ by `npm run generate`. Do not edit.\n\n';
export const upper = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
export const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(' | ');
export const literal = (value: unknown): string => JSON.stringify(value);
