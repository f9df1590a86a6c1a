// The selection of models by the options of `prove`.
import type { Model, Tool } from './model.ts';

/** The options as the parser leaves them. */
export interface ProveOptions {
  readonly models: string;
  readonly all?: boolean;
  readonly recorded?: boolean;
  /** Runs only models without a recorded verdict for their present text. */
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
  /** Shows only the models with a verdict that was not expected. */
  readonly quiet?: boolean;
}

/** Whether the options select every model of the manifest. */
export const takesAll = ({ all, recorded, only, tool }: ProveOptions): boolean =>
  (all === true || recorded === true) && only === undefined && tool === undefined;

/** By set and tool, before the files are read. */
export const inSet = (model: Model, { all, recorded, tool }: ProveOptions): boolean =>
  (all === true || recorded === true || model.set === 'default') && (tool === undefined || model.tool === tool);

/** Whether one of the ids contains one of the texts of `--only`. */
export const isNamed = (ids: readonly string[], { only }: ProveOptions): boolean =>
  only === undefined || ids.some((id) => only.some((text) => id.includes(text)));
