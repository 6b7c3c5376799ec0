// The whole log as a file. It is asked for with the key of this browser, so it cannot be a link; and it names people, which
// is said before it is made.
import { Button, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { Decide } from '../../parts/Decide.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { saveAs } from '../../shared/save.ts';
import { text } from '../../text/say.ts';

const says = text.audit.export;

export function Export(): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const { act, callOff, isBusy, ask, problem } = useAct();
  const close = (): void => {
    setOpen(false);
    callOff();
  };
  const make = async (): Promise<void> => {
    const done = await act({
      work: async (api) => save(await api.exportAudit()),
      changes: [],
      said: () => says.done,
    });
    if (done) close();
  };
  return (
    <>
      <Button
        variant="default"
        leftSection={<Icon name="download" size={18} />}
        onClick={() => setOpen(true)}
      >
        {says.button}
      </Button>
      <Decide
        title={says.button}
        isOpen={isOpen}
        onClose={close}
        isBusy={isBusy}
        ask={ask}
        problem={problem}
        testId="audit-export"
        answers={[
          { id: 'export-keep', label: text.shell.cancel, kind: 'safe', press: close },
          {
            id: 'export-yes',
            label: isBusy ? says.busy : says.button,
            kind: 'yes',
            press: () => void make(),
          },
        ]}
      >
        <Text>{says.about}</Text>
      </Decide>
    </>
  );
}

function save(lines: string): void {
  saveAs(`countersign-audit-${new Date().toISOString().slice(0, 10)}.ndjson`, 'application/x-ndjson', lines);
}
