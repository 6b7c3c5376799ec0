// The icons, drawn by lines on a 24 grid. They never stand alone: words are beside them.
import type { ReactNode } from 'react';

const PATHS = {
  home: 'M4 11.5 12 4.5l8 7M6.5 10v9h11v-9M10 19v-5h4v5',
  door: 'M6 20V4.5h9V20M4 20h16M15 7l3.5 1.5V20M11.5 12.5v.5',
  ask: 'M4 5h16v10H4zM8 8.5l2 1.8-2 1.8M12.5 12h3.5M8.5 20l2 1.5 4.5-4',
  policy: 'M12 3.5 19 6v5.5c0 4.3-2.8 7.3-7 9-4.2-1.7-7-4.7-7-9V6zM9 11.8l2.2 2.2L15.2 10',
  people:
    'M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3 19.5c.5-3.5 2.8-5 6-5s5.5 1.5 6 5M16 5a3.2 3.2 0 0 1 0 6M17.5 14.7c2 .6 3.2 2.2 3.5 4.8',
  device: 'M4 5.5h12v9H4zM2.5 17.5H13M17 9h4.5v10H15v-3M18 16.5h.5',
  channel: 'M4 5h16v11h-9l-4 3.5V16H4zM8 9h8M8 12h5',
  session: 'M12 4a8 8 0 1 0 8 8M12 7.5V12l3 2M16 3.5h4.5V8',
  key: 'M8 16.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 12.5h9M18 12.5V16M15 12.5v2.5',
  audit: 'M6 3.5h9l3.5 3.5v13.5H6zM9 10h6M9 13h6M9 16h4',
  gear: 'M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM12 3v2.5M12 18.5V21M3 12h2.5M18.5 12H21M5.6 5.6l1.8 1.8M16.6 16.6l1.8 1.8M5.6 18.4l1.8-1.8M16.6 7.4l1.8-1.8',
  menu: 'M4 7h16M4 12h16M4 17h16',
  close: 'M6 6l12 12M18 6 6 18',
  help: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM9.5 9.5c.2-1.5 1.2-2.2 2.5-2.2 1.5 0 2.5.9 2.5 2.2 0 1.8-2.5 2-2.5 4M12 16.5v.2',
  check: 'M5 12.5 10 17.5 19.5 7',
  warn: 'M12 4 21 19.5H3zM12 10v4.5M12 17v.2',
  clock: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 7.5V12l3 2',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.5 15.5 20 20',
  bell: 'M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4',
  plus: 'M12 5v14M5 12h14',
  out: 'M14 5h5v5M19 5l-8 8M10 6H5v13h13v-5',
  download: 'M12 4v11M7.5 11 12 15.5 16.5 11M5 19.5h14',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }): ReactNode {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
