"""A bank that names another holder frees nobody and freezes nobody (threat T56), over real HTTP and across restarts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlmodel import select

from fraud_check.client import HeldAccount, MemberClient, NoticeDraft, account_subject, person_subject
from fraud_check.storage.tables import AlarmRow
from passport.errors import Reason, Rejected
from passport.fraud import Alert, AlertKind, NoticeKind, Token, VerdictClass
from passport.registry import Role
from tests.simulators.hub_cast import WARNED, Cast

BLOCK, CLEAR, REVIEW = VerdictClass.BLOCK, VerdictClass.CLEAR, VerdictClass.REVIEW
WORD = "reference-000000001"


@dataclass(frozen=True)
class Town:
    """Lin has accounts at A and B; the victim has one at B and one at C; Wu is whoever a bank finds handy."""

    cast: Cast
    victim: Token
    victim_b: Token
    victim_c: Token
    wu: Token
    a2: Token
    bank_c: MemberClient

    @property
    def a(self) -> MemberClient:
        return self.cast.bank_a

    @property
    def b(self) -> MemberClient:
        return self.cast.bank_b

    def warn(self, account: Token, person: Token | None, id_: str = WARNED) -> None:
        now = self.cast.world.clock.now()
        self.cast.police.notify(
            NoticeDraft(id_, NoticeKind.WARN, "165-2026-7", now, account=account, person=person)
        )

    def verdicts(self) -> tuple[VerdictClass, VerdictClass]:
        """Of the victim's accounts at B and at C."""
        return verdict(self.b, self.victim_b, self.victim), verdict(self.bank_c, self.victim_c, self.victim)

    def told(self, bank: MemberClient) -> list[Alert]:
        return [one.alert for one in bank.alerts(after=0).alerts]

    def kinds(self, bank: MemberClient) -> list[AlertKind]:
        return [one.kind for one in self.told(bank)]

    def alarms(self) -> set[tuple[str, str]]:
        with self.cast.world.hub.database.read() as session:
            return {(row.caller, row.kind) for row in session.exec(select(AlarmRow))}


def verdict(bank: MemberClient, account: Token, person: Token) -> VerdictClass:
    return bank.ask_before_offer(accounts=[account], person=person).verdict.verdict_class


@pytest.fixture
def town(cast: Cast) -> Town:
    subjects = [
        person_subject("TW", "V200000002"),
        account_subject("TW:812:0099:000022220000"),
        account_subject("TW:813:0099:000033330000"),
        person_subject("TW", "W200000002"),
        account_subject("TW:822:0001:000012349999"),
    ]
    tokens = cast.bank_a.tokens(subjects)
    victim, victim_b, victim_c, wu, a2 = (tokens[one] for one in subjects)
    bank_c = cast.world.member(cast.world.participant(Role.MEMBER))
    made = Town(cast, victim, victim_b, victim_c, wu, a2, bank_c)
    cast.bank_b.link_accounts([HeldAccount(cast.lin_b, cast.lin), HeldAccount(made.victim_b, made.victim)])
    made.bank_c.link_accounts([HeldAccount(made.victim_c, made.victim)])
    cast.bank_a.link_accounts([HeldAccount(cast.lin_a, cast.lin)])
    return made


# --- frees nobody ------------------------------------------------------------------------------------------------


def test_relinking_frees_nobody(town: Town) -> None:
    """Bank B's customer is derived; B says that the account is Wu's: it stays blocked, whoever is asked about."""
    cast = town.cast
    cast.warn()
    assert verdict(town.b, cast.lin_b, cast.lin) is BLOCK
    town.b.link_accounts([HeldAccount(cast.lin_b, town.wu)])
    for _ in range(2):
        assert verdict(town.b, cast.lin_b, town.wu) is BLOCK
        assert verdict(town.b, cast.lin_b, cast.lin) is BLOCK
        cast.world.restart()
    # The banks concerned see who linked: B itself, and the bank of the account on which the track rests.
    own, other = town.told(town.b)[-1], town.told(town.a)[-1]
    assert (own.kind, own.account, own.linked_by) == (AlertKind.HOLDER_CHANGED, cast.lin_b, str(cast.b.did))
    assert (other.kind, other.account, other.person) == (AlertKind.HOLDER_CHANGED, None, cast.lin)
    assert (other.linked_by, other.notice) == (str(cast.b.did), WARNED)
    assert AlertKind.HOLDER_CHANGED not in town.kinds(town.bank_c)
    assert (str(cast.b.did), "holder_changed") in town.alarms()


def test_relinking_before_the_notice_frees_nobody(town: Town) -> None:
    """Whoever knows that a notice will come links first, and that helps as little."""
    cast = town.cast
    town.b.link_accounts([HeldAccount(cast.lin_b, town.wu)])
    assert verdict(town.b, cast.lin_b, town.wu) is CLEAR
    assert (str(cast.b.did), "holder_changed") in town.alarms()
    cast.warn()
    assert verdict(town.b, cast.lin_b, town.wu) is BLOCK
    assert town.kinds(town.b)[-1] is AlertKind.DERIVED


def test_relinking_back_and_forth_frees_nobody_and_fills_nothing(town: Town) -> None:
    cast = town.cast
    cast.warn()
    for _ in range(5):
        town.b.link_accounts([HeldAccount(cast.lin_b, town.wu)])
        town.b.link_accounts([HeldAccount(cast.lin_b, cast.lin)])
    assert verdict(town.b, cast.lin_b, cast.lin) is BLOCK
    assert verdict(town.b, cast.lin_b, town.wu) is BLOCK
    assert town.kinds(town.b).count(AlertKind.HOLDER_CHANGED) == 1


def test_both_holders_of_one_request_count(town: Town) -> None:
    """The same account twice in one request: the last one does not hide the first."""
    cast = town.cast
    cast.warn()
    town.b.link_accounts([HeldAccount(town.a2, cast.lin), HeldAccount(town.a2, town.wu)])
    assert verdict(town.b, town.a2, town.wu) is BLOCK
    assert (str(cast.b.did), "holder_changed") in town.alarms()


def test_relinking_hides_no_admonition(town: Town) -> None:
    cast = town.cast
    now = cast.world.clock.now()
    cast.police.notify(NoticeDraft("notice-admonish-0001", NoticeKind.ADMONISH, "165", now, person=cast.lin))
    town.b.link_accounts([HeldAccount(cast.lin_b, town.wu)])
    assert verdict(town.b, cast.lin_b, town.wu) is REVIEW
    assert verdict(town.b, cast.lin_b, cast.lin) is REVIEW


def test_cause_gone_of_the_new_holder_leaves_the_old_ones_track(town: Town) -> None:
    """Saying that Wu's cause is gone ends nothing of Lin's; of Lin it is refused while the warning is in force."""
    cast = town.cast
    cast.warn()
    town.b.link_accounts([HeldAccount(cast.lin_b, town.wu)])
    town.b.cause_gone(person=town.wu, reference=WORD)
    assert verdict(town.b, cast.lin_b, town.wu) is BLOCK
    with pytest.raises(Rejected) as early:
        town.b.cause_gone(person=cast.lin, reference=WORD)
    assert early.value.reason is Reason.CONFLICT
    cast.lift()
    assert verdict(town.b, cast.lin_b, town.wu) is BLOCK
    town.b.cause_gone(person=cast.lin, reference=WORD)
    assert verdict(town.b, cast.lin_b, town.wu) is CLEAR
    # Linked once more after the lift, it is nobody's derived account.
    town.b.link_accounts([HeldAccount(cast.lin_b, cast.lin)])
    assert verdict(town.b, cast.lin_b, cast.lin) is CLEAR


def test_a_lapse_ends_a_track_of_the_old_holder_for_a_bank_that_verified(town: Town) -> None:
    cast = town.cast
    cast.warn()
    town.b.link_accounts([HeldAccount(cast.lin_b, town.wu)])
    cast.world.clock.moved += timedelta(days=2 * 365 + 2)
    assert verdict(town.b, cast.lin_b, town.wu) is BLOCK
    town.b.cause_gone(person=cast.lin, reference=WORD)
    assert verdict(town.b, cast.lin_b, town.wu) is CLEAR


def test_the_police_say_that_an_account_was_never_the_old_holders(town: Town) -> None:
    """The way out of an honest mistake: the police's word, not the bank's."""
    cast = town.cast
    cast.warn()
    town.b.link_accounts([HeldAccount(cast.lin_b, town.wu)])
    cast.police.confirm_holder(account=cast.lin_b, person=cast.lin, holds=False, reference=WORD)
    assert verdict(town.b, cast.lin_b, town.wu) is CLEAR
    cast.world.restart()
    assert verdict(town.b, cast.lin_b, town.wu) is CLEAR


# --- freezes nobody ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", ["lin", "nobody"])
@pytest.mark.parametrize("linked_first", [True, False])
def test_relinking_freezes_nobody(town: Town, *, linked_first: bool, named: str) -> None:
    """Bank A links its own warned account to a stranger's token, before or after the notice: a task, and no freeze."""
    cast = town.cast
    if linked_first:
        town.a.link_accounts([HeldAccount(cast.lin_a, town.victim)])
    town.warn(cast.lin_a, cast.lin if named == "lin" else None)
    if not linked_first:
        town.a.link_accounts([HeldAccount(cast.lin_a, town.victim)])
    for _ in range(2):
        assert town.verdicts() == (CLEAR, CLEAR)
        cast.world.restart()
    for bank in (town.b, town.bank_c):
        (claim,) = [
            one
            for one in town.told(bank)
            if one.kind is AlertKind.HOLDER_CLAIMED and one.person == town.victim
        ]
        assert (claim.account, claim.notice) == (cast.lin_a, WARNED)
        assert claim.linked_by == str(cast.a.did)
    assert AlertKind.DERIVED not in town.kinds(town.bank_c)
    assert (str(cast.a.did), "holder_changed") in town.alarms()
    # What the bank says of its own accounts still counts for them.
    town.a.link_accounts([HeldAccount(town.a2, town.victim)])
    assert verdict(town.a, town.a2, town.victim) is BLOCK
    assert town.verdicts() == (CLEAR, CLEAR)


def test_a_first_link_of_a_warned_account_freezes_nobody(town: Town) -> None:
    """The account was unknown to the hub when the police listed it: its bank may not choose whom that hits."""
    town.warn(town.a2, None)
    town.a.link_accounts([HeldAccount(town.a2, town.victim)])
    assert town.verdicts() == (CLEAR, CLEAR)
    assert town.kinds(town.b)[-1] is AlertKind.HOLDER_CLAIMED


def test_an_impersonated_or_earmarked_account_freezes_nobody_either(town: Town) -> None:
    cast = town.cast
    now = cast.world.clock.now()
    for number, kind in enumerate((NoticeKind.IMPERSONATED, NoticeKind.EARMARK)):
        cast.police.notify(NoticeDraft(f"notice-other-kind-{number}", kind, "165", now, account=cast.lin_a))
    town.a.link_accounts([HeldAccount(cast.lin_a, town.victim)])
    assert town.verdicts() == (CLEAR, CLEAR)


def test_a_derived_account_linked_to_a_stranger_freezes_nobody(town: Town) -> None:
    """Bank A makes a derived account of its own and says that it is the victim's, too."""
    cast = town.cast
    town.warn(town.a2, None)
    town.a.link_accounts([HeldAccount(town.a2, cast.lin)])
    assert verdict(town.a, cast.lin_a, cast.lin) is BLOCK
    town.a.link_accounts([HeldAccount(cast.lin_a, town.victim)])
    assert town.verdicts() == (CLEAR, CLEAR)


def test_account_claimed_while_the_victim_opens_another_is_a_task_there_too(town: Town) -> None:
    cast = town.cast
    cast.warn()
    town.a.link_accounts([HeldAccount(cast.lin_a, town.victim)])
    opened = account_subject("TW:814:0099:000044440000")
    bank_d = cast.world.member(cast.world.participant(Role.MEMBER))
    token = bank_d.tokens([opened])[opened]
    bank_d.link_accounts([HeldAccount(token, town.victim)])
    assert verdict(bank_d, token, town.victim) is CLEAR
    assert town.kinds(bank_d)[-1] is AlertKind.HOLDER_CLAIMED


def test_police_that_name_account_and_person_derive_everywhere(town: Town) -> None:
    town.warn(town.cast.lin_a, town.victim)
    assert town.verdicts() == (BLOCK, BLOCK)


def test_another_bank_may_not_claim_the_account(town: Town) -> None:
    cast = town.cast
    cast.warn()
    with pytest.raises(Rejected) as refused:
        town.bank_c.link_accounts([HeldAccount(cast.lin_a, town.victim)])
    assert refused.value.reason is Reason.NOT_AUTHORISED
    assert town.verdicts() == (CLEAR, CLEAR)


# --- a word about a holder ---------------------------------------------------------------------------------------


def claimed(town: Town) -> None:
    town.cast.warn()
    town.a.link_accounts([HeldAccount(town.cast.lin_a, town.victim)])


def test_the_customers_bank_confirms_for_itself_alone(town: Town) -> None:
    claimed(town)
    for _ in range(2):
        town.b.confirm_holder(account=town.cast.lin_a, person=town.victim, holds=True, reference=WORD)
    assert town.verdicts() == (BLOCK, CLEAR)
    town.cast.world.restart()
    assert town.verdicts() == (BLOCK, CLEAR)
    assert town.kinds(town.b)[-1] is AlertKind.DERIVED
    assert town.kinds(town.b).count(AlertKind.DERIVED) == 2  # Lin's by the notice, and the victim's now
    with pytest.raises(Rejected) as back:
        town.b.confirm_holder(account=town.cast.lin_a, person=town.victim, holds=False, reference=WORD)
    assert back.value.reason is Reason.CONFLICT
    assert town.verdicts() == (BLOCK, CLEAR)
    # The bank that named the holder reads who answered.
    told = town.a.queries(town.cast.world.clock.now().date()).members
    assert [(one.caller, one.action, one.answer) for one in told] == [
        (str(town.cast.b.did), "holder", "confirmed")
    ]


def test_the_police_confirm_for_everybody_and_correct_a_bank(town: Town) -> None:
    claimed(town)
    police = town.cast.police
    police.confirm_holder(account=town.cast.lin_a, person=town.victim, holds=True, reference=WORD)
    assert town.verdicts() == (BLOCK, BLOCK)
    assert town.kinds(town.bank_c)[-1] is AlertKind.DERIVED
    police.confirm_holder(account=town.cast.lin_a, person=town.victim, holds=False, reference=WORD)
    assert town.verdicts() == (CLEAR, CLEAR)
    town.cast.world.restart()
    assert town.verdicts() == (CLEAR, CLEAR)


def test_a_bank_that_denies_leaves_its_customer_alone_and_the_other_bank_hears_of_it(town: Town) -> None:
    claimed(town)
    town.b.confirm_holder(account=town.cast.lin_a, person=town.victim, holds=False, reference=WORD)
    assert town.verdicts() == (CLEAR, CLEAR)
    assert town.kinds(town.a)[-1] is AlertKind.HOLDER_UNCLEAR
    assert (str(town.cast.a.did), "holder_unclear") in town.alarms()
    # No second task for a claim that was denied.
    tasks = town.kinds(town.b).count(AlertKind.HOLDER_CLAIMED)
    town.b.link_accounts([HeldAccount(town.a2, town.victim)])
    assert town.kinds(town.b).count(AlertKind.HOLDER_CLAIMED) == tasks


def test_a_word_without_a_claim_is_refused_alike_whatever_is_behind_it(town: Town) -> None:
    """A bank that guesses learns nothing: linked and not warned, warned and another's, or never seen."""
    cast = town.cast
    town.a.link_accounts([HeldAccount(town.a2, town.victim)])  # true, and no claim: it is not warned
    cast.warn()
    unseen = account_subject("TW:822:0001:000000001111")
    never = cast.bank_a.tokens([unseen])[unseen]
    refusals = set()
    for account, person in (
        (town.a2, town.victim),  # linked, not warned
        (cast.lin_a, town.victim),  # warned, another's
        (never, town.victim),
        (cast.lin_a, town.wu),  # nobody's customer here
        (town.victim_b, town.victim),  # its own
    ):
        with pytest.raises(Rejected) as refused:
            town.b.confirm_holder(account=account, person=person, holds=True, reference=WORD)
        refusals.add((refused.value.reason, str(refused.value)))
    assert {reason for reason, _ in refusals} == {Reason.NOT_FOUND}
    assert len(refusals) == 1
    assert town.verdicts() == (CLEAR, CLEAR)
    assert (str(cast.b.did), "holder_without_claim") in town.alarms()


def test_only_members_and_police_have_a_word(town: Town) -> None:
    claimed(town)
    stranger = town.cast.world.member(town.cast.x)
    with pytest.raises(Rejected) as refused:
        stranger.confirm_holder(account=town.cast.lin_a, person=town.victim, holds=True, reference=WORD)
    assert refused.value.reason is Reason.NOT_AUTHORISED


def test_a_member_names_only_so_many_other_holders_a_minute(town: Town) -> None:
    limits = replace(town.cast.world.limits, holder_changes_a_minute=2)
    town.cast.world.hub.quotas.limits = limits
    persons = [person_subject("TW", f"X{number:09d}") for number in range(4)]
    tokens = town.b.tokens(persons)
    for number in range(2):
        town.b.link_accounts([HeldAccount(town.cast.lin_b, tokens[persons[number]])])
    with pytest.raises(Rejected) as refused:
        town.b.link_accounts([HeldAccount(town.cast.lin_b, tokens[persons[2]])])
    assert refused.value.reason is Reason.LIMIT_EXCEEDED
    # Another bank is not held up by it, and first links are not counted.
    town.bank_c.link_accounts([HeldAccount(town.victim_c, tokens[persons[3]])])


# --- what was said before ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("linked_first", [True, False])
def test_two_names_for_one_holder_both_count_and_a_person_should_look(
    town: Town, *, linked_first: bool
) -> None:
    """The bank says Lin, the police say the victim: the police's word derives, the bank's is a task elsewhere."""
    cast = town.cast
    if not linked_first:
        town.warn(town.a2, town.victim)
    town.a.link_accounts([HeldAccount(town.a2, cast.lin)])
    if linked_first:
        town.warn(town.a2, town.victim)
    assert town.verdicts() == (BLOCK, BLOCK)
    assert verdict(town.a, cast.lin_a, cast.lin) is BLOCK
    assert verdict(town.b, cast.lin_b, cast.lin) is CLEAR
    told = [one for one in town.told(town.a) if one.kind is AlertKind.HOLDER_UNCLEAR]
    assert [(one.account, one.person) for one in told] == [(town.a2, town.victim)]
    claims = [one for one in town.told(town.b) if one.kind is AlertKind.HOLDER_CLAIMED]
    assert [(one.account, one.person) for one in claims] == [(town.a2, cast.lin)]
    town.b.confirm_holder(account=town.a2, person=cast.lin, holds=True, reference=WORD)
    assert verdict(town.b, cast.lin_b, cast.lin) is BLOCK
    cast.world.restart()
    assert verdict(town.b, cast.lin_b, cast.lin) is BLOCK
