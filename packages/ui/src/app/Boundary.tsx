// A page that fails takes nothing else with it: its code could not be fetched (the gateway is away, or was replaced by
// another build), or it broke. The frame stays, says so, and the page is one press away again.
import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { Empty } from '../parts/States.tsx';
import { text } from '../text/say.ts';

interface BoundaryProps {
  readonly children: ReactNode;
}

interface BoundaryState {
  readonly hasFailed: boolean;
}

export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { hasFailed: false };

  static getDerivedStateFromError(): BoundaryState {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    const again = (
      <Button variant="default" onClick={() => location.reload()}>
        {text.shell.again}
      </Button>
    );
    return <Empty title={text.shell.failed} icon="warn" action={again} />;
  }
}
