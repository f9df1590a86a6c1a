// Replaces a value that is in use. The old value lives until its last user leaves.

interface Generation<T> {
  readonly value: T;
  users: number;
  readonly retired: Promise<void>;
  readonly retire: () => void;
}

/** A value that can be replaced. It reports when nobody uses the former value any more. */
export interface Generations<T> {
  readonly value: () => T;
  /** Uses the present value until `leave` is called. */
  readonly enter: () => { readonly value: T; readonly leave: () => void };
  /** Replaces the value. The promise is fulfilled when all users of the former values have left. */
  readonly replace: (value: T) => Promise<void>;
}

function generation<T>(value: T): Generation<T> {
  let retire = (): void => {};
  const retired = new Promise<void>((resolve) => {
    retire = resolve;
  });
  return { value, users: 0, retired, retire };
}

/** Makes generations of a value; `first` is in use at first. A generation retires after all before it. */
export function generations<T>(first: T): Generations<T> {
  let current = generation(first);
  let before: Promise<unknown> = Promise.resolve();
  return {
    value: () => current.value,
    enter: () => {
      const mine = current;
      mine.users += 1;
      return {
        value: mine.value,
        leave: () => {
          mine.users -= 1;
          if (mine.users === 0 && mine !== current) mine.retire();
        },
      };
    },
    replace: (value) => {
      const old = current;
      current = generation(value);
      if (old.users === 0) old.retire();
      const retired = Promise.all([before, old.retired]).then(() => {});
      before = retired;
      return retired;
    },
  };
}
