// The settings as a form: sections on one side, a search over all of them, and what is not saved in a bar below.
import type { ConfigMistake, ConfigText } from '@countersign/protocol/config';
import { Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useCallback, useMemo, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { go, href, useRoute } from '../../app/router.ts';
import { Icon } from '../../parts/Icon.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { Empty } from '../../parts/States.tsx';
import { Rich } from '../../shared/Rich.tsx';
import { text } from '../../text/say.ts';
import { LINKED_CHANNEL } from '../channels/linking.ts';
import { Bar } from './Bar.tsx';
import { changesOf, type Draft, isChanged, shownOf, type Wish, wished } from './changes.ts';
import { dropDraft, keepDraft, useDraft } from './draft.ts';
import { FieldRow } from './FieldRow.tsx';
import { faultOf } from './faults.ts';
import { type Field, type Section, sectionsOf } from './fields.ts';
import { matches, sectionOf } from './find.ts';
import type { Json } from './json.ts';
import { Review } from './Review.tsx';
import { nameOf, sectionName } from './words.ts';

const says = text.settings;

interface FormProps {
  readonly schema: unknown;
  readonly file: ConfigText;
  readonly mayChange: boolean;
}

export function Form({ schema, file, mayChange }: FormProps): ReactNode {
  const written: Json = file.written;
  const sections = useMemo(() => sectionsOf(schema, written), [schema, written]);
  const { draft, round } = useDraft();
  const [search, setSearch] = useState('');
  const [mistakes, setMistakes] = useState<readonly ConfigMistake[]>([]);
  const [isReviewing, setReviewing] = useState(false);
  const acting = useAct();
  const { query } = useRoute();
  const at = query.get('at') ?? '';
  const meant = sectionOf(at, sections);
  const current = sections.find(({ id }) => id === query.get('in')) ?? meant ?? sections[0] ?? null;
  const changes = useMemo(() => changesOf(draft, written, sections), [draft, written, sections]);
  const fields = sections.flatMap((section) => section.fields);
  const wrong = fields.filter(
    (one) => draft.has(one.path) && faultOf(one, shownOf(one, written, draft)) !== null,
  );
  const endReview = (): void => {
    setReviewing(false);
    acting.callOff();
  };
  const show = (path: string): void => {
    endReview();
    setSearch('');
    const field = fields.find(
      (one) => path === one.path || path.startsWith(`${one.path}.`) || path.startsWith(`${one.path}[`),
    );
    go('settings', { at: field?.path ?? path }, { replace: true });
  };
  const onWish = useCallback(
    (field: Field, wish: Wish): void => {
      keepDraft(wished(draft, field, wish, written));
      setMistakes((before) => before.filter(({ path }) => !path.startsWith(field.path)));
    },
    [draft, written],
  );
  const shown = search.trim() === '' ? (current === null ? [] : [current]) : found(sections, search.trim());
  const rows = { written, draft, mistakes, mayChange, onWish };
  return (
    <>
      <div className="set-page">
        <div className="set-side">
          <TextInput
            type="search"
            value={search}
            aria-label={says.search}
            placeholder={says.searchHint}
            leftSection={<Icon name="search" size={18} />}
            data-search=""
            data-testid="settings-search"
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <Places
            sections={sections}
            current={search === '' ? current : null}
            written={written}
            draft={draft}
          />
        </div>
        <Stack gap="lg" className="set-main" key={round}>
          {search.trim() !== '' && (
            <Text size="sm" c="dimmed" role="status">
              {says.found(shown.reduce((count, section) => count + section.fields.length, 0))}
            </Text>
          )}
          {shown.length === 0 && <Empty title={says.none} icon="search" />}
          {shown.map((section) => (
            <Panel key={section.id} title={sectionName(section, text)} testId={`section-${section.id}`}>
              <Text size="sm" c="dimmed" maw="64ch">
                <Rich text={section.id === 'state' ? says.stateAbout : section.about} />
              </Text>
              {section.channel === LINKED_CHANNEL && (
                <Text size="sm" className="set-warn" maw="64ch">
                  {says.warnings['channels.whatsapp']} <a href={href('channels')}>{text.channels.title}</a>.
                </Text>
              )}
              {section.fields.every((one) => one.isGuarded) && (
                <Text size="sm" className="set-warn">
                  {says.field.guarded}: {says.field.guardedHelp}
                </Text>
              )}
              <ul className="set-list">
                {section.fields.map((field) => (
                  <FieldRow
                    key={field.path}
                    field={field}
                    isMeant={field.path === at}
                    isSaidAbove={section.fields.every((one) => one.isGuarded)}
                    {...rows}
                  />
                ))}
              </ul>
            </Panel>
          ))}
        </Stack>
      </div>
      {!isReviewing && acting.ask !== null && <div className="set-bar">{acting.ask}</div>}
      {draft.size > 0 && (
        <Bar
          count={changes.length}
          wrong={wrong.length}
          onShow={() => wrong[0] !== undefined && show(wrong[0].path)}
          onDiscard={() => {
            dropDraft();
            setMistakes([]);
          }}
          onReview={() => setReviewing(true)}
        />
      )}
      {isReviewing && (
        <Review
          changes={changes}
          written={written}
          restart={fields.filter((one) => one.needsRestart && draft.has(one.path)).map(({ path }) => path)}
          acting={acting}
          onClose={endReview}
          onMistakes={setMistakes}
          onShow={show}
          onSaved={() => {
            setReviewing(false);
            setMistakes([]);
            dropDraft();
          }}
        />
      )}
    </>
  );
}

function found(sections: readonly Section[], search: string): readonly Section[] {
  return sections
    .map((section) => {
      const title = sectionName(section, text);
      const fits = (field: Field): boolean => matches({ field, name: nameOf(field, says) }, title, search);
      return { ...section, fields: section.fields.filter(fits) };
    })
    .filter(({ fields }) => fields.length > 0);
}

interface PlacesProps {
  readonly sections: readonly Section[];
  readonly current: Section | null;
  readonly written: Json;
  readonly draft: Draft;
}

/** Links on a wide page, one select on a narrow one. */
function Places({ sections, current, written, draft }: PlacesProps): ReactNode {
  const marks = (section: Section): string => {
    const unsaved = section.fields.filter(({ path }) => draft.has(path)).length;
    if (unsaved > 0) return ` · ${says.field.unsaved}`;
    return section.fields.some((field) => hasDefault(field) && isChanged(field, written, draft))
      ? ` · ${says.field.changed}`
      : '';
  };
  return (
    <>
      <NativeSelect
        className="set-narrow"
        aria-label={says.sections}
        value={current?.id ?? ''}
        data={sections.map((section) => ({
          value: section.id,
          label: sectionName(section, text) + marks(section),
        }))}
        onChange={(event) => go('settings', { in: event.currentTarget.value }, { replace: true })}
      />
      <nav className="set-wide" aria-label={says.sections}>
        {sections.map((section) => (
          <a
            key={section.id}
            href={href('settings', { in: section.id })}
            aria-current={section.id === current?.id ? 'true' : undefined}
          >
            <span>{sectionName(section, text)}</span>
            <span className="set-mark">{marks(section).replace(' · ', '')}</span>
          </a>
        ))}
      </nav>
      <Group gap={4} className="set-wide-note">
        <Text size="xs" c="dimmed">
          {says.addChannel} <a href={href('channels')}>{text.shell.pages.channels}</a>.
        </Text>
      </Group>
    </>
  );
}

function hasDefault({ standard, control }: Field): boolean {
  return standard !== undefined && control.is !== 'secret';
}
