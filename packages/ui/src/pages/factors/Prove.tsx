// A proof on this browser: one factor, once, and it may do all that its owner may.
import { Alert, Button, Group, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { problemOf } from '../../app/queries.ts';
import { tell } from '../../app/told.tsx';
import { ProofForm } from '../../factors/ProofForm.tsx';
import type { FactorProof } from '../../factors/proof.ts';
import { useHouse } from '../../house/context.ts';
import { isAboutProof } from '../../house/guarded.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { Command } from '../../shared/Shell.tsx';
import { type Said, saidOf, Trouble } from '../../shared/Trouble.tsx';
import { text } from '../../text/say.ts';

const says = text.factors.prove;

interface ProveProps {
  readonly isLimited: boolean;
  readonly hasFactor: boolean;
  readonly isOpen: boolean;
  readonly onOpen: (isOpen: boolean) => void;
  readonly onProven: () => void;
}

export function Prove({ isLimited, hasFactor, isOpen, onOpen, onProven }: ProveProps): ReactNode {
  const { api } = useHouse();
  const client = useQueryClient();
  const [isAgain, setAgain] = useState(false);
  const [said, setSaid] = useState<Said | null>(null);
  const [tries, setTries] = useState(0);
  if (!isLimited) {
    return (
      <Panel title={says.title}>
        <Text role="status">{says.already}</Text>
      </Panel>
    );
  }
  const prove = async (proof: FactorProof): Promise<void> => {
    setSaid(null);
    try {
      await api(proof).devices.prove();
      onProven();
      tell({ text: says.proven });
    } catch (error) {
      const problem = problemOf(error);
      const isWrong = isAboutProof(problem, true);
      setTries((before) => before + 1);
      setAgain(isWrong);
      if (!isWrong) setSaid(saidOf(problem));
    } finally {
      // What this browser may do stands in its row; a recovery code is one less.
      for (const area of ['devices', 'factors']) void client.invalidateQueries({ queryKey: [area] });
    }
  };
  return (
    <Panel title={says.title} testId="prove-here">
      {!hasFactor ? (
        <Alert color="orange" variant="light">
          <Group gap="sm">
            <Text size="sm">{says.noFactor}</Text>
            <Command text="countersign factors enroll totp" />
          </Group>
        </Alert>
      ) : isOpen ? (
        <ProofForm
          key={tries}
          isAgain={isAgain}
          title={says.form}
          text={says.formText}
          onProof={(proof) => void prove(proof)}
          onCancel={() => onOpen(false)}
        />
      ) : (
        <Group gap="md">
          <Text maw="56ch">{says.need}</Text>
          <Button data-testid="prove" onClick={() => onOpen(true)}>
            {says.button}
          </Button>
        </Group>
      )}
      <Trouble said={said} />
    </Panel>
  );
}
