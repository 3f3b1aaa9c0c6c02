"""What the tests of the browser stand on: a page that has a fault fails its test."""

from __future__ import annotations

import pytest

from tests.support.browser import People
from tests.support.waiting import until

FAULTS = {
    "an error on the console": ("console.error('wrong')", "wrong"),
    "an exception that nobody catches": ("void setTimeout(() => { throw new Error('wrong') })", "not caught"),
    "a dialog": ("alert('hello')", "a dialog: hello"),
    "markup from a text": ("try { document.body.innerHTML = '<p>' } catch {}", "TrustedHTML"),
    "a script in the page": (
        "document.body.append(Object.assign(document.createElement('a'), {href: 'javascript:alert(1)', id: 'x'})); "
        "document.getElementById('x').click()",
        "Content Security Policy",
    ),
    "something from elsewhere": (
        "void fetch('https://example.com/').catch(() => {})", "Content Security Policy",
    ),
    "a missing file": ("void import('/web/missing.js').catch(() => {})", "404"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_page_with_a_fault_fails_its_test(people: People, fault: str) -> None:
    script, message = FAULTS[fault]
    people.open("/profile").evaluate(script)
    until(lambda: any(message in one for one in people.faults()), what=message)
    people.faults().clear()


def test_a_refused_request_is_no_fault_and_each_person_has_a_name_of_their_own(people: People) -> None:
    ada, bob = people.open("/profile", "ada"), people.open("/profile", "bob")
    assert ada.evaluate("fetch('/api/tickets/999999999').then(answer => answer.status)") == 404
    assert [page.evaluate("localStorage.username") for page in (ada, bob)] == ["ada", "bob"]
