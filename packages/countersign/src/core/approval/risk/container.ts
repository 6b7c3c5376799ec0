// A container is a sandbox only as long as its options leave it one.
import { HOLE, type Listed, type ListedWord } from '../shell/listing.ts';
import { judgePath, type PathFacts, type Verdict } from './paths.ts';

const escapes = (why: string): Verdict => ({ rule: 'floor.escape', tier: 'destructive', why });

const FLAGS: readonly (readonly [RegExp, string])[] = [
  [/^--privil/, 'a container with all rights of this machine'],
  [/^--(pid|ipc|uts|userns|cgroupns)(=| )host\b/, 'a container that shares what should be its own'],
  [/^--(net|network)(=| )host\b/, 'a container in the network of this machine, where local doors stand open'],
  [/^--(pid|ipc|net|network)(=| )container:/, 'a container inside another one'],
  [/^--cap-add(=| )/, 'a container with more rights than one has'],
  [/^--device(=| |-)/, 'a container with devices of this machine'],
  [/^--security-opt(=| ).*(unconfined|disable|no-new-privileges[:=]false)/, 'a container without its walls'],
  [/^--volumes-from(=| )/, 'a container with folders that another one was given'],
  [/^--(runtime|cgroup-parent)(=| )/, 'a container run another way'],
  [
    /^--overrides(=| ).*("?(privileged|hostPID|hostNetwork|hostIPC|hostPath|allowPrivilegeEscalation)"?)/s,
    'a container without its walls',
  ],
  [/^--(profile)(=| )(sysadmin|netadmin)/, 'a container with more rights than one has'],
];

/** Options of `docker run` and its like, wherever they stand before the image. */
export function judgeContainer(listed: Listed, facts: PathFacts): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  const { words } = listed;
  for (let at = 1; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) break;
    const next = words[at + 1];
    const { value } = word;
    const spaced =
      value.startsWith('--') && !value.includes('=') && next !== undefined ? `${value} ${next.value}` : value;
    for (const [pattern, why] of FLAGS) if (pattern.test(spaced)) verdicts.push(escapes(why));
    const volume = /^(?:--volume|-[a-zA-Z]*v)(?:=|$)?(.*)$/s.exec(value);
    if (volume !== null) {
      const mount = (volume[1] ?? '') === '' ? next : { ...word, value: volume[1] ?? '' };
      if (mount !== undefined) verdicts.push(...mounted(mount, listed, facts));
    }
    const mount = /^--mount(?:=(.*))?$/s.exec(value);
    if (mount !== null) {
      const text = mount[1] ?? next?.value ?? '';
      const source = /(?:^|,)(?:src|source)=([^,]*)/.exec(text)?.[1];
      if (source !== undefined)
        verdicts.push(
          ...mounted(
            { text, value: source, kind: text.includes(HOLE) ? 'variable' : 'exact' },
            listed,
            facts,
          ),
        );
    }
    if (/^(node\/|nodes\/)/.test(value)) verdicts.push(escapes('a container on the node itself'));
  }
  return verdicts;
}

function mounted(word: ListedWord, listed: Listed, facts: PathFacts): readonly Verdict[] {
  const [source = ''] = word.value.split(':');
  // A name without a slash is a volume of the engine's own.
  if (!/[/~]|^\.|\0/.test(source)) return [];
  if (source.includes(HOLE))
    return [escapes('which folder of this machine the container gets is only known when it runs')];
  if (/docker\.sock|containerd|podman.*\.sock|crio\.sock/.test(source))
    return [escapes("a container with the engine's own socket")];
  if (/^\/(home|Users|root|var|etc|proc|sys|dev|boot|run|usr)?\/?$/.test(source))
    return [escapes('a container with the files of this machine')];
  const found = judgePath({ ...word, value: source }, 'moves', listed, facts);
  return found.map((verdict): Verdict => {
    if (verdict.rule === 'path.outside')
      return { ...verdict, tier: 'elevated', why: 'a container with a folder outside the working folder' };
    return verdict.tier === 'destructive'
      ? { ...verdict, rule: 'floor.escape', why: `a container with a folder of this machine: ${verdict.why}` }
      : verdict;
  });
}
