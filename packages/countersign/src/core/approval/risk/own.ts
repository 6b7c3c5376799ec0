// What is Countersign's own by name, wherever it stands.

/** True for the file name of Countersign's program. */
export const isCountersign = (name: string): boolean => /^countersign(\.[cm]?[jt]s)?$/i.test(name);

/** True for a variable that would move Countersign's home, store or door. */
export const isOwnVariable = (name: string): boolean => /^COUNTERSIGN(_|$)/i.test(name);
