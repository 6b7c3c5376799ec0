// The variables that every command gets, and which of their values are so usual that nobody has to read them. Whoever asks for
// a command sets them all: a home with somebody else's settings in it is a program started unseen (R45).

const PASSED = /^(?:PATH|HOME|LANG|LC_[A-Z]+|TERM|TZ|USER|TMPDIR)$/;

/** A folder that only the system's owner makes, by the places where systems have people's homes. */
const HOME =
  /^(?:(?:(?:\/(?:usr|var|export))?\/home|\/Users)\/[\p{L}\p{N}_.@+ -]{1,64}|(?:(?:\/private)?\/var)?\/root)\/*$/u;
const TEMPORARY =
  /^(?:(?:\/private)?(?:\/tmp|\/var\/tmp|\/var\/folders)|\/dev\/shm|\/run\/user\/\d+)(?:\/|$)/;
/** A zone by its name or its rule, or a file of the system's own: any other file is read as what it is not. */
const ZONE = /^:?(?:[A-Za-z0-9<][\w<>+,./:-]*|\/etc\/localtime|\/usr\/share\/zoneinfo\/[\w+./-]+)?$/;

const CLIMBS = /(?:^|\/)\.{1,2}(?:\/|$)/;

/** Whether every command gets it. */
export function isPassed(name: string): boolean {
  return PASSED.test(name);
}

/** Whether a value of such a variable is nothing to look at. What `PATH` leads to is judged where names are looked up. */
export function isUsual(name: string, value: string): boolean {
  if (name === 'PATH') return true;
  if (name === 'HOME') return HOME.test(value) && !CLIMBS.test(value);
  if (name === 'TMPDIR') return TEMPORARY.test(value) && !CLIMBS.test(value);
  if (name === 'TZ') return ZONE.test(value) && !CLIMBS.test(value);
  // The name of a file below a folder of the system's: a `/` makes it any other one.
  if (name === 'TERM') return /^(?:[A-Za-z0-9][\w.+-]*)?$/.test(value);
  if (name === 'USER') return /^(?:[\p{L}\p{N}_][\p{L}\p{N}_.@+\\ -]*\$?)?$/u.test(value);
  return /^(?:LANG|LC_[A-Z]+)$/.test(name) && /^[\w.@=;:+-]*$/.test(value) && !CLIMBS.test(value);
}
