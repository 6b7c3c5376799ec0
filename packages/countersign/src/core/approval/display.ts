// What a person sees of an action: chats, command line and pages show the very same.
export * from '@countersign/protocol/action-display';
