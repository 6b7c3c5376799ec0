// What the keys do, on `?`.
import { Kbd, Stack, Text, Title } from '@mantine/core';
import { Fragment, type ReactNode } from 'react';
import { Dialog } from '../parts/Dialog.tsx';
import { text } from '../text/say.ts';
import { ShowTour } from '../tour/ShowTour.tsx';
import { PAGES } from './pages.ts';

const says = text.shell.keys;

interface HelpProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

export function Help({ isOpen, onClose }: HelpProps): ReactNode {
  const places = PAGES.map(({ id, key }) => [['g', key], says.go(text.shell.pages[id])] as const);
  return (
    <Dialog opened={isOpen} onClose={onClose} title={says.title} size="lg" data-testid="keys">
      <Stack gap="lg">
        <Keys title={says.everywhere} keys={[[['?'], says.help], ...places, [['/'], says.search]]} />
        <Keys
          title={says.inLists}
          keys={[
            [['↓', '↑'], says.next],
            [['Home', 'End'], says.ends],
            [['Enter'], says.open],
          ]}
        />
        <Keys
          title={says.inDecisions}
          keys={[
            [['→', '←'], says.between],
            [['Enter'], says.answer],
            [['Esc'], says.closing],
          ]}
        />
        <div>
          <ShowTour after={onClose} />
        </div>
      </Stack>
    </Dialog>
  );
}

interface KeysProps {
  readonly title: string;
  readonly keys: readonly (readonly [readonly string[], string])[];
}

function Keys({ title, keys }: KeysProps): ReactNode {
  return (
    <section>
      <Title order={3} size="h5" mb="xs">
        {title}
      </Title>
      <dl className="keys">
        {keys.map(([pressed, does]) => (
          <Fragment key={does}>
            <dt>
              {pressed.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <Text component="dd" size="sm">
              {does}
            </Text>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}
