// Before saving: the lines of the file that change, what is guarded, what is wrong. Only what was looked at is saved.
import type { ConfigChange, ConfigChecked, ConfigMistake } from '@countersign/protocol/config';
import type { Problem } from '@countersign/protocol/problem';
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import type { useAct } from '../../app/act.ts';
import { problemOf } from '../../app/queries.ts';
import { useHouse } from '../../house/context.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { Failed, Loading } from '../../parts/States.tsx';
import { Rich } from '../../shared/Rich.tsx';
import { text } from '../../text/say.ts';
import { reverseOf } from './changes.ts';
import { DiffView } from './DiffView.tsx';
import { countOf } from './diff.ts';
import type { Json } from './json.ts';

const says = text.settings.review;

interface ReviewProps {
  readonly changes: readonly ConfigChange[];
  readonly written: Json;
  /** Among the changes, what holds only after a start. */
  readonly restart: readonly string[];
  readonly onClose: () => void;
  readonly onMistakes: (mistakes: readonly ConfigMistake[]) => void;
  readonly onShow: (path: string) => void;
  readonly onSaved: () => void;
  readonly acting: ReturnType<typeof useAct>;
}

export function Review(props: ReviewProps): ReactNode {
  const { changes, written, restart, onClose, onMistakes, onShow, onSaved, acting } = props;
  const { checked, problem, look } = useCheck(changes, onMistakes);
  const isStale = acting.problem?.code === 'state_conflict';
  const save = async (base: string): Promise<void> => {
    const back = reverseOf(changes, written);
    const done = await acting.act({
      work: (api) => api.config.apply(changes, base),
      changes: ['config', 'channels', 'overview'],
      said: () =>
        back === null ? `${says.saved(changes.length)} ${says.noUndo}` : says.saved(changes.length),
      undo: () =>
        back === null
          ? null
          : {
              work: async (api) => api.config.apply(back, (await api.config.check(back)).base),
              said: says.undone,
            },
    });
    if (done) onSaved();
  };
  return (
    <Dialog opened onClose={onClose} title={says.title(changes.length)} size="xl" data-testid="review">
      <Stack gap="md">
        {problem !== null && <Failed problem={problem} again={look} />}
        {checked === null && problem === null && <Loading lines={2} />}
        {checked !== null && <Looked checked={checked} restart={restart} onShow={onShow} />}
        {acting.ask}
        {acting.problem !== null && !isStale && <Failed problem={acting.problem} />}
        {isStale && acting.problem !== null && (
          <Failed
            problem={acting.problem}
            again={() => {
              acting.callOff();
              look();
            }}
          />
        )}
        <Group gap="sm">
          <Button onClick={onClose} data-autofocus data-testid="keep-editing">
            {says.keep}
          </Button>
          <Button
            variant="outline"
            loading={acting.isBusy}
            disabled={checked === null || !checked.valid}
            data-testid="save-settings"
            onClick={() => checked !== null && void save(checked.base)}
          >
            {says.save}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

function useCheck(changes: readonly ConfigChange[], onMistakes: (found: readonly ConfigMistake[]) => void) {
  const { api } = useHouse();
  const [checked, setChecked] = useState<ConfigChecked | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const look = useCallback((): void => {
    setProblem(null);
    api()
      .config.check(changes)
      .then(
        (found) => {
          setChecked(found);
          onMistakes(found.mistakes);
        },
        (error: unknown) => setProblem(problemOf(error)),
      );
  }, [api, changes, onMistakes]);
  useEffect(look, [look]);
  return { checked, problem, look };
}

interface LookedProps {
  readonly checked: ConfigChecked;
  readonly restart: readonly string[];
  readonly onShow: (path: string) => void;
}

function Looked({ checked, restart, onShow }: LookedProps): ReactNode {
  const { added, removed } = countOf(checked.diff);
  return (
    <>
      {checked.mistakes.length > 0 && (
        <Alert color="red" variant="light" role="alert" title={says.mistakes(checked.mistakes.length)}>
          <ul className="set-mistakes">
            {checked.mistakes.map((one) => (
              <li key={`${one.path} ${one.message}`}>
                <Text size="sm" component="div">
                  <strong>{one.path === '' ? says.whole : one.path}</strong>:{' '}
                  <Rich text={`${one.message}. ${one.hint}`} />
                </Text>
                {one.path !== '' && (
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={says.showOf(one.path)}
                    onClick={() => onShow(one.path)}
                  >
                    {says.show}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </Alert>
      )}
      {checked.diff.length === 0 && checked.valid && <Text>{says.nothing}</Text>}
      {checked.diff.length > 0 && (
        <>
          <Group justify="space-between" gap="xs">
            <Text size="sm" c="dimmed">
              {says.about}
            </Text>
            <Text size="sm" c="dimmed">
              {says.sum(added, removed)}
            </Text>
          </Group>
          <DiffView lines={checked.diff} />
        </>
      )}
      {checked.guarded.length > 0 && (
        <Text size="sm" className="set-warn">
          {says.guarded(checked.guarded.join(', '))}
        </Text>
      )}
      {restart.length > 0 && <Text size="sm">{says.restart(restart.join(', '))}</Text>}
    </>
  );
}
