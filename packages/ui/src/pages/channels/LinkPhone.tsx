// Linking a phone, in a dialog: what it means first, then the picture or the code, then how it ended. The focus follows
// what is shown; Escape and the way out give it up, a click beside it does not.
import type { AccountStatus } from '@countersign/protocol/gateway';
import { Stack } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Dialog } from '../../parts/Dialog.tsx';
import { text } from '../../text/say.ts';
import { BeforeLinking, type Way } from './BeforeLinking.tsx';
import { LinkedNow } from './LinkedNow.tsx';
import { LinkFailed } from './LinkFailed.tsx';
import { LinkStep } from './LinkStep.tsx';
import { isPhone, type Target } from './linking.ts';
import { useLinking } from './use-linking.ts';
import { titleOf } from './words.ts';

const says = text.linking;

interface LinkPhoneProps {
  readonly target: Target;
  /** The account as it is; null while there is none of that name. */
  readonly row: AccountStatus | null;
  readonly onClose: () => void;
}

export function LinkPhone({ target, row, onClose }: LinkPhoneProps): ReactNode {
  const { step, isSlow, isBusy, ask, failed, begin, stop } = useLinking(target);
  const [way, setWay] = useState<Way>('picture');
  const [phone, setPhone] = useState('');
  const [isTried, setTried] = useState(false);
  const isThere = row?.state === 'connected';
  const place = useRef<HTMLDivElement>(null);
  const phase =
    failed !== null ? 'failed' : step === null ? 'before' : step.state === 'linked' ? 'linked' : 'running';
  useEffect(() => {
    if (phase !== 'before') place.current?.focus();
  }, [phase]);
  const start = (force: boolean): void => {
    setTried(true);
    if (way === 'code' && !isPhone(phone)) return;
    begin({ force, ...(way === 'code' ? { phone: phone.trim() } : {}) });
  };
  return (
    <Dialog
      opened
      onClose={onClose}
      closeOnClickOutside={phase !== 'running'}
      title={says.title(titleOf(target, text.channels))}
      size="lg"
      data-testid="link-phone"
    >
      <div ref={place} tabIndex={-1} className="link-phase">
        <Stack gap="md">
          {phase === 'before' && (
            <BeforeLinking
              way={way}
              phone={phone}
              isPhoneWrong={isTried && way === 'code' && !isPhone(phone)}
              isThere={isThere}
              isBusy={isBusy}
              onWay={setWay}
              onPhone={setPhone}
              onBegin={() => start(isThere)}
              onCancel={onClose}
            />
          )}
          {phase === 'running' && step !== null && (
            <LinkStep step={step} isSlow={isSlow} onAgain={() => start(true)} onStop={stop} />
          )}
          {phase === 'linked' && <LinkedNow login={step?.login} onClose={onClose} />}
          {failed !== null && (
            <LinkFailed
              failed={failed}
              target={target}
              onForce={() => start(true)}
              onAgain={stop}
              onLeave={onClose}
            />
          )}
          {ask}
        </Stack>
      </div>
    </Dialog>
  );
}
