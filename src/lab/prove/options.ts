// Which models the options of `prove` select.
import type { Model, Tool } from './model.ts';

/** As the parser leaves them. */
export interface ProveOptions {
  readonly models: string;
  readonly all?: boolean;
  readonly recorded?: boolean;
  /** Runs only what has no verdict recorded for its text of today. */
  readonly stale?: boolean;
  readonly only?: readonly string[];
  readonly tool?: Tool;
  /** Runs at a time. */
  readonly jobs?: number;
  /** Milliseconds for all runs together. */
  readonly budget?: number;
  /** Directory for the assembled models. */
  readonly keep?: string;
  readonly json?: boolean;
  /** Shows only the models of which a verdict is not the one expected. */
  readonly quiet?: boolean;
}

/** Whether the words take every model of the manifest. */
export const takesAll = ({ all, recorded, only, tool }: ProveOptions): boolean =>
  (all === true || recorded === true) && only === undefined && tool === undefined;

/** By set and tool, before the files are read. */
export const inSet = (model: Model, { all, recorded, tool }: ProveOptions): boolean =>
  (all === true || recorded === true || model.set === 'default') && (tool === undefined || model.tool === tool);

/** Whether one of the ids has one of the texts of `--only` in it. */
export const isNamed = (ids: readonly string[], { only }: ProveOptions): boolean =>
  only === undefined || ids.some((id) => only.some((text) => id.includes(text)));
