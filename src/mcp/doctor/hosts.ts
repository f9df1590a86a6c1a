// The configuration of hosts: what starts `pquake mcp connect` as a server of theirs. Nothing here writes a file.
import { resolve } from 'node:path';
import type { Option } from 'commander';
import { ConfigurationError } from '../../configuration.ts';

/** The hosts whose form is known. */
export const hosts = ['claude-desktop', 'claude-code', 'cursor', 'vscode', 'zed', 'codex', 'generic'] as const;
export type Host = (typeof hosts)[number];

/** A process that a host starts. */
export interface Started {
  /** In the host. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

interface Form {
  /** The file that has it. */
  readonly file: string;
  /** Whether the host puts variables in place of `${...}`. */
  readonly replaces: boolean;
  readonly text: (started: Started) => string;
}

const json = (value: unknown): string => JSON.stringify(value, undefined, 2);

/** JSON with the servers under a name, and members that each of them has before its command. */
const jsonForm =
  (servers: string, before: object = {}, behind: object = {}) =>
  ({ name, command, args }: Started): string =>
    json({ [servers]: { [name]: { ...before, command, args, ...behind } } });

/**
 * A basic string of TOML 1.0. It is the string of JSON, but for DEL and the characters that our output escapes: those stand as TOML has
 * them.
 */
function tomlString(text: string): string {
  if (/\p{Cs}/u.test(text))
    throw new ConfigurationError('half of a surrogate pair in an argument: TOML cannot hold it');
  return JSON.stringify(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const digits = (character.codePointAt(0) ?? 0).toString(16);
    return digits.length > 4 ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`;
  });
}

const toml = ({ name, command, args }: Started): string =>
  [
    `[mcp_servers.${tomlString(name)}]`,
    `command = ${tomlString(command)}`,
    `args = [${args.map(tomlString).join(', ')}]`,
  ].join('\n');

const stdio = { type: 'stdio' };

const forms: Readonly<Record<Host, Form>> = {
  'claude-desktop': {
    file: 'claude_desktop_config.json: in ~/Library/Application Support/Claude (macOS), %APPDATA%\\Claude (Windows), ~/.config/Claude (Linux)',
    replaces: false,
    text: jsonForm('mcpServers'),
  },
  'claude-code': { file: '.mcp.json in the project', replaces: true, text: jsonForm('mcpServers', stdio) },
  cursor: {
    file: '.cursor/mcp.json in the project, or ~/.cursor/mcp.json',
    replaces: true,
    text: jsonForm('mcpServers', stdio),
  },
  vscode: { file: '.vscode/mcp.json in the project', replaces: true, text: jsonForm('servers', stdio) },
  zed: { file: 'settings.json of Zed', replaces: false, text: jsonForm('context_servers', {}, { env: {} }) },
  codex: { file: '~/.codex/config.toml, or .codex/config.toml in the project', replaces: false, text: toml },
  generic: { file: 'the file of the host', replaces: false, text: jsonForm('mcpServers') },
};

/** The file in which a host looks for this. */
export const fileOf = (host: Host): string => forms[host].file;

/**
 * The configuration of a host.
 * @throws ConfigurationError for an argument that the host would change
 */
export function configurationFor(host: Host, started: Started): string {
  const { replaces, text } = forms[host];
  const changed = [started.command, ...started.args].find((word) => word.includes('${'));
  if (replaces && changed !== undefined)
    throw new ConfigurationError(`${changed}: ${host} takes \${ for a variable; rename the file or folder`);
  return text(started);
}

/** A name that every host takes, made of any. */
export const nameInHost = (name: string): string =>
  name
    .split(/[^A-Za-z0-9_]+/)
    .filter(Boolean)
    .join('-') || 'pquake';

/** Whether an option takes the name of a file or folder. */
export const takesFile = ({ flags }: Option): boolean => /<(file|directory|folder)>/.test(flags);

/** Subjects of trust anchors contain `=`; other words of this option are files. */
const isSubject = ({ long }: Option, word: string): boolean => long === '--expect-issuer' && word.includes('=');
export const isFileOf = (option: Option, word: string): boolean =>
  takesFile(option) || (option.long === '--expect-issuer' && !isSubject(option, word));

function valuesOf(option: Option, value: unknown): readonly string[] {
  const { long } = option;
  if (long === '--message-timeout' || long === '--handshake-timeout') return [String(Number(value) / 1_000)];
  if (long === '--reading')
    return [
      Object.entries(value as Record<string, string>)
        .map(([axis, choice]) => `${axis}=${choice}`)
        .join(','),
    ];
  return (Array.isArray(value) ? value : [value]).map(String);
}

/**
 * The words of a command line that say what these options say, with absolute names of files.
 * @param given - as the parser returns them
 */
export function wordsOf(options: readonly Option[], given: object): readonly string[] {
  const values = new Map<string, unknown>(Object.entries(given));
  return options.flatMap((option): readonly string[] => {
    const value = values.get(option.attributeName());
    const long = option.long ?? '';
    if (option.negate) return value === false ? [long] : [];
    if (value === undefined || value === option.defaultValue) return [];
    if (value === true || !/[<[]/.test(option.flags)) return [long];
    return valuesOf(option, value).flatMap((word) => [long, isFileOf(option, word) ? resolve(word) : word]);
  });
}
