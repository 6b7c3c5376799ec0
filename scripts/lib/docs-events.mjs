// One sentence for each audit event, for docs/spec/audit.md. A type without a sentence fails test/docs.test.ts.

/** @type {Record<string, string>} */
export const EVENTS = {
  'gateway.started': 'A gateway took hold of the home and listens.',
  'gateway.stopped': 'A gateway let go of the home in good order. A missing one says that it was killed.',
  'gateway.claimed': 'Somebody used the claim link and became the first owner.',
  'claim.issued': 'A claim link was made; any link before it stopped working.',
  'claim.refused': 'A claim link was wrong, late or used. The event does not say which.',
  'channel.linked': 'An account was linked by a phone.',
  'channel.unlinked': 'Somebody of the house ended the login of an account.',
  'channel.login_ended': 'A platform ended the login of an account; our keys for it were removed.',
  'config.changed': 'A valid change of the configuration was taken up.',
  'config.refused': 'A change of the configuration had mistakes; the last good one stayed.',
  'message.admitted': 'A message passed the front door and waits for the agent.',
  'message.dropped': 'A message ended at the front door. The reason is one word; the text was not kept.',
  'message.expired': 'A message waited too long for the agent, or too many waited already, and was given up.',
  'message.shared_refused': 'A second person wrote on a session that belongs to one person, and was told so.',
  'command.answered': 'An order given in a chat was answered. What it decided has an event of its own.',
  'command.refused': 'Somebody gave an order, or pressed a button, that they may not.',
  'turn.answered': 'The agent answered, and the answer was put into the outbox.',
  'turn.failed': 'The agent could not answer a message, and the person was told.',
  'session.revoked': 'A session was ended: what was said in it is gone, and what waited was not passed on.',
  'pairing.requested': 'A stranger wrote, got a request with a slot, and was sent a code.',
  'pairing.waiting': 'A stranger wrote while no slot was free. Counted, not written for each message.',
  'pairing.approved': 'A request was approved and its peer linked to a person.',
  'pairing.denied': 'A request was denied, and the sender was told.',
  'pairing.blocked': 'A peer was shut out, and lost what it had.',
  'pairing.unblocked': 'A block was lifted; the peer is a stranger again.',
  'pairing.revoked': 'The access of a peer was ended.',
  'pairing.prolonged': 'An access that had an end was given a later one.',
  'pairing.reset': 'Requests that were open or over were cleared; the event says how many.',
  'person.added': 'A person was added by hand, perhaps with a peer.',
  'person.enrolled':
    'The configuration let a sender in, and a person was made for them on their first message.',
  'person.role_changed': 'A person was raised or lowered; the event holds both roles.',
  'person.renamed': 'A person was given another name in the owner’s list.',
  'person.blocked': 'A person was refused everywhere.',
  'person.unblocked': 'A block of a person was lifted.',
  'person.suspended': 'A person was stopped for now.',
  'person.resumed': 'A suspension ended.',
  'person.forgotten': 'A person was erased. The event keeps their id and no name.',
  'person.link_offered': 'Codes were sent to two chats, to make them one person’s.',
  'person.link_refused': 'Two codes were typed that link nothing: wrong, late or used.',
  'person.linked': 'A chat was made a person’s; the event holds the most it may act as.',
  'person.ceiling_changed': 'The most a chat may act as was changed; the event holds both roles.',
  'person.mapped': 'A person was said to be a certain user of your tools.',
  'person.unmapped': 'A person is no user of your tools any more.',
  'person.unlinked': 'A chat was parted from its person and is a stranger again.',
  'person.id_disputed':
    'A chat became a stranger’s again because its platform now tells another story of who it is; the reason says which.',
  'proxy.called':
    'A runtime called /v1 for a person; the event names the session, the turn, the trace and the bearer that went along.',
  'verify.answered':
    'A code from a verify link came back; the reason says when it was not from the number it was for. It decided nothing.',
  'delivery.failed': 'A message of ours could not be sent before its deadline, or never can be.',
  'call.denied': 'Somebody called a verb of the API that their door may not call.',
  'denials.counted':
    'How many more denials of one kind followed the one that was written, within its minute.',
  'allow_list.added':
    'Somebody was added to `allowFrom` of the file by hand, and may talk while they stand there.',
  'allow_list.removed':
    'Somebody was taken out of `allowFrom` by hand, or such a removal was accepted; what they had ended.',
  'allow_list.held':
    'So much was gone from one list at once that nothing of it was taken up; the event says how many.',
  'allow_list.not_written':
    'An approval or a revocation could not be carried into the file. It holds all the same, and the file still owes it.',
  'config.guarded_changed':
    'A guarded key was changed by hand and is in force, for no owner has a factor yet.',
  'config.held': 'A guarded key was changed by hand and waits; the value accepted last stays in force.',
  'config.accepted': 'Something that waited in the configuration was accepted.',
  'login.requested': 'A browser asked for a code, and one was put on its way to an owner’s chat.',
  'login.refused': 'A browser asked for a code past a cap, and nothing was sent. It was answered as always.',
  'login.failed':
    'A login code was wrong, late, used or unknown. The reason says which; the browser was not told.',
  'login.exhausted': 'A login request used up its tries and was ended.',
  'login.satisfied': 'A right code came from the browser that asked, and that browser was paired.',
  'login.disowned': 'An owner said that a sign-in was not theirs; the request and its browser were ended.',
  'login.ticket': 'An owner asked for a ticket in their own chat.',
  'factor.enrolled': 'A factor was begun for a person. It proves nothing until it is confirmed.',
  'factor.confirmed': 'A factor was shown to work and counts from now on; the code that showed it is spent.',
  'factor.removed': 'A factor was removed, and its seed or key destroyed.',
  'factor.proven': 'A person proved a factor. The event says which and through which surface.',
  'factor.failed':
    'A factor was not proven. The reason says why: wrong, used, unknown, or too many tries before. The caller was not told.',
  'recovery_codes.issued': 'Ten recovery codes were made for a person; those before stopped working.',
  'recovery_code.used': 'A recovery code proved a person, and is spent.',
  'recovery.announced':
    'Somebody on the host began to recover a person who lost every factor. It waits, and can be stopped.',
  'recovery.stopped': 'A recovery was stopped before it was carried out.',
  'recovery.done': 'A recovery was carried out: the factors, recovery codes and devices of the person ended.',
  'device.requested':
    'A key asked to be paired, or a paired device for more than it holds; the owners were asked.',
  'device.approved': 'A device request was approved; the event holds the scopes that were given.',
  'device.rejected': 'A device request was turned down.',
  'device.paired': 'A device was paired with a person: by approval, by a sign-in, or with the claim.',
  'device.revoked': 'A device was ended with its tokens and sockets; the reason says why.',
  'device.renamed': 'A device was given another name in the list.',
  'device.scopes_changed':
    'A paired device was given more after another approval; the event holds both lists.',
  'device.proven': 'A factor of its person was proven on a device, which may now use all it holds.',
  'setup.issued': 'A setup code was made; the event says for which role and scopes.',
  'setup.used': 'A setup code was bound to the first key that showed it.',
  'setup.refused': 'A setup code was shown that is used, late, unknown, or made for another role.',
  'push.subscribed':
    'A device asked to be told of what needs a decision; notifications go to its browser’s push service.',
  'push.ended':
    'A device is not told any more: somebody ended it, or its push service said that it is gone. With its device it ends without an event of its own.',
  'token.created':
    'A service token was made; the event says of which scope, and for which agent, accounts or audiences. The token itself stands nowhere.',
  'token.revoked': 'A service token was ended, and with it every bearer that was made for it.',
  'token.used': 'A service token was used for the first time.',
  'token.refused': 'A call came with a service token that is unknown, revoked or past its end.',
  'bearer.minted':
    'A bearer was made: for which session, person, agent and audience, and its `jti`. Handed out again it makes no event; the turn it was first made for stands here, and the `jti` on every turn that carried it.',
  'bearer.refused':
    'A program asked for a bearer and got none; the reason says why. Also for an introspection or a revocation that was none of its business.',
  'bearer.revoked': 'A runtime ended a bearer of its agent before its time.',
  'ingress.asserted':
    'A program with an ingress token said who wrote on an account that its token names, and the front door let that person in. The event names the session.',
  'ingress.refused':
    'A program with an ingress token said who wrote, and nobody was let in: the account is not on the token, the call was not signed, or the front door said no.',
  'approval.requested':
    'A program asked for something to run, and people were asked. The event names the agent, the person it is for, the tier, the version of the policy, and the digests of action and request; the command itself stands nowhere here.',
  'approval.allowed':
    'A program asked, and the policy let it run unasked; the reason says why: `free`, `rule`, `full`, `elevated`.',
  'approval.refused':
    'A program asked and was refused at once, or somebody’s word on a request did not count. The reason says why; the actor says which of the two.',
  'approval.endorsed': 'A person said yes, and others are still asked.',
  'approval.approved':
    'A person said yes, and it was the last that was needed. The event names the grant, and when that ends.',
  'approval.denied':
    'A person said no. What they gave as reason stands beside the event, and can be forgotten.',
  'approval.cancelled': 'The program that asked took its request back, or is gone (`asker_gone`).',
  'approval.expired':
    'A request ended by time: nobody answered (`timeout`), or its yes was not used (`unused`).',
  'approval.superseded':
    'What a request rested on changed, so it was void: the policy, the people who were asked, or whoever it is for.',
  'approval.undelivered': 'Nobody could be told of a request, so it was refused.',
  'approval.flagged':
    'Something about a yes stands out: `deny_deny_approve`, the same action was denied twice before. The owners were told.',
  'approval.paused':
    'Three requests of a session were denied in a row: it asks nothing for a while. The owners were told.',
  'approval.redeemed':
    'A grant was spent: the program or machine that holds it may start the one action, now and never again. The event names the grant.',
  'approval.started': 'What was approved was started.',
  'approval.failed':
    'A grant was spent and nothing was started. Why stands with the run; the grant is gone all the same.',
  'approval.finished':
    'What was approved ended. The event holds its exit code or its signal, and the digest and size of what it printed; never the output itself.',
  'approval.lost':
    'A grant was spent, and its machine fell silent: the action may have run and may not. It is never started again by itself.',
  'grant.refused':
    'Somebody came with a grant that was not taken, or told of a run that is not theirs. The reason says which; a grant that was spent before is among them.',
  'elevation.begun':
    'An owner proved a factor, and one agent may do what is elevated unasked for a while: in one session, or in what nobody else asks for. The event says until when.',
  'elevation.refused': 'An elevation was asked for and not given: the reason says why.',
  'elevation.ended': 'An elevation ended before its time: somebody ended it, or what it rested on changed.',
  'code.kept_back':
    'A chat message with a code in it, from a person who has an open request, was kept from the agent. The code is spent, and the person was told the right form.',
  'policy.changed':
    'The policy was changed: the version that holds from then on, and every value old → new. Large changes are several events.',
  'policy.allowed': 'A rule was kept: what one request asked, exactly, is allowed until a day.',
  'policy.revoked': 'A rule was taken out of the policy.',
};
