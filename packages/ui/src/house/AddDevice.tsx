// A setup code for one more device: shown, scanned or copied, good once and for a short while.
import type { Setup } from '@countersign/protocol/device';
import { visible } from '@countersign/protocol/display';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Copy } from '../shared/Copy.tsx';
import { Countdown } from '../shared/Countdown.tsx';
import { Qr } from '../shared/Qr.tsx';
import { Command } from '../shared/Shell.tsx';
import { saidOf, Trouble } from '../shared/Trouble.tsx';
import { house } from '../strings-house.ts';
import { useGuarded } from './guarded.tsx';

const says = house.devices.add;

type Role = 'operator' | 'node';

export function AddDevice(): ReactNode {
  const guarded = useGuarded();
  const [made, setMade] = useState<{ readonly setup: Setup; readonly role: Role } | null>(null);
  const make = async (role: Role): Promise<void> => {
    const done = await guarded.run((api) => api.devices.setup(role));
    if (done !== null) setMade({ setup: done.done, role });
  };
  if (made !== null) return <Shown {...made} onClose={() => setMade(null)} />;
  return (
    <>
      <h3>{says.title}</h3>
      <p className="quiet">{says.text}</p>
      <div className="row">
        <button
          type="button"
          className="secondary"
          data-testid="add-device"
          disabled={guarded.isBusy}
          onClick={() => void make('operator')}
        >
          {says.operator}
        </button>
        <button
          type="button"
          className="secondary"
          data-testid="add-node"
          disabled={guarded.isBusy}
          onClick={() => void make('node')}
        >
          {says.node}
        </button>
      </div>
      {guarded.ask}
      <Trouble said={guarded.problem && saidOf(guarded.problem)} />
    </>
  );
}

interface ShownProps {
  readonly setup: Setup;
  readonly role: Role;
  readonly onClose: () => void;
}

function Shown({ setup, role, onClose }: ShownProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { setupCode, expiresAt } = setup;
  return (
    <section className="ask" aria-labelledby="setup-title">
      <h3 id="setup-title" ref={heading} tabIndex={-1}>
        {says.code}
      </h3>
      <p>{says.how}</p>
      <Qr text={setupCode} label={says.qr} />
      <p>
        <code className="command" data-testid="setup-code">
          {visible(setupCode)}
        </code>
      </p>
      <p className="row">
        <Copy text={setupCode} label={says.copy} />
        <span className="quiet">
          <Countdown until={Date.parse(expiresAt)} />
        </span>
      </p>
      {role === 'node' && (
        <p>
          {says.howNode} <Command text="countersign node run --setup <code>" />
        </p>
      )}
      <button type="button" className="secondary" onClick={onClose}>
        {says.close}
      </button>
    </section>
  );
}
