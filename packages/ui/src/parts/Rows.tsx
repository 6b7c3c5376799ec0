// A list of any length: only what is near the window is in the document. One row has the focus; arrows, Home and End move
// it, Enter opens it. The next page is asked for when its end comes near.
import { Button, Text } from '@mantine/core';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { text } from '../text/say.ts';

interface RowsProps<T> {
  readonly label: string;
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  readonly row: (item: T) => ReactNode;
  /** Enter on a row, or a click beside its buttons. */
  readonly onOpen?: (item: T) => void;
  readonly more?: { readonly has: boolean; readonly isLoading: boolean; load(): void };
  /** About the height of a row, before it has been seen. */
  readonly estimate?: number;
  readonly testId?: string;
}

const OVERSCAN = 6;

export function Rows<T>(props: RowsProps<T>): ReactNode {
  const { label, items, keyOf, row, onOpen, more, estimate = 72, testId } = props;
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  const [current, setCurrent] = useState(0);
  const wantsFocus = useRef(false);
  useLayoutEffect(() => {
    const place = (list.current?.getBoundingClientRect().top ?? 0) + scrollY;
    setTop((before) => (Math.abs(before - place) > 1 ? place : before));
  });
  const virtual = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => estimate,
    overscan: OVERSCAN,
    scrollMargin: top,
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : keyOf(item);
    },
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  const { has, isLoading, load } = more ?? { has: false, isLoading: false, load: () => {} };
  useEffect(() => {
    if (has && !isLoading && last >= items.length - OVERSCAN) load();
  }, [has, isLoading, last, items.length, load]);

  const active = Math.min(current, Math.max(0, items.length - 1));
  const move = (to: number): void => {
    const next = Math.max(0, Math.min(items.length - 1, to));
    wantsFocus.current = true;
    setCurrent(next);
    virtual.scrollToIndex(next, { align: 'auto' });
  };
  const onKey = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || isField(event.target)) return;
    const item = items[active];
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      move(to);
    } else if (event.key === 'Enter' && event.target instanceof HTMLLIElement && item !== undefined) {
      event.preventDefault();
      onOpen?.(item);
    }
  };
  return (
    <>
      <ul
        ref={list}
        className="list"
        aria-label={label}
        data-testid={testId}
        style={{ height: virtual.getTotalSize() }}
        onKeyDown={onKey}
      >
        {shown.map(({ index, key, start }) => {
          const item = items[index];
          if (item === undefined) return null;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys of its rows, Enter among them
            <li
              key={key}
              data-index={index}
              ref={(element) => {
                virtual.measureElement(element);
                if (element === null || index !== active || !wantsFocus.current) return;
                wantsFocus.current = false;
                element.focus({ preventScroll: true });
              }}
              tabIndex={index === active ? 0 : -1}
              aria-setsize={items.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start - top}px)` }}
              data-opens={onOpen !== undefined}
              onFocus={() => setCurrent(index)}
              onClick={(event) => {
                if (!isControl(event.target)) onOpen?.(item);
              }}
            >
              {row(item)}
            </li>
          );
        })}
      </ul>
      {has ? (
        <Button variant="subtle" loading={isLoading} onClick={load}>
          {text.shell.more}
        </Button>
      ) : (
        items.length > 20 && (
          <Text size="sm" c="dimmed" ta="center">
            {text.shell.end(items.length)}
          </Text>
        )
      )}
    </>
  );
}

function isField(target: EventTarget): boolean {
  return target instanceof Element && target.closest('input, textarea, select') !== null;
}

function isControl(target: EventTarget): boolean {
  return (
    target instanceof Element && target.closest('a, button, input, label, select, summary, textarea') !== null
  );
}
