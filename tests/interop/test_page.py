"""The page of `show -html`, in a browser: its content, its interactions, and what it must never do."""

import functools
import http.server
import os
import pathlib
import re
import shutil
import subprocess
import threading

import pytest
from browser import violations
from playwright.sync_api import expect

QUICKSTART = pathlib.Path(__file__).parents[2] / "examples" / "quickstart"
DEPARTING, BLOCKED, UNMANAGED, ACCOUNTS, GATES = 2, 8, 3, 27, 32


def run(folder, *words):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run([os.environ["ORGROSTER_BIN"], *words], cwd=folder, env=kept, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def project(folder, *edits):
    """A copy of the quickstart with texts replaced: file, before, after."""
    shutil.copytree(QUICKSTART, folder, ignore=shutil.ignore_patterns(".orgroster"))
    for name, before, after in edits:
        text = (folder / name).read_text()
        assert before in text, before
        (folder / name).write_text(text.replace(before, after))
    run(folder, "plan", "-out", "plan.json")
    return folder


def rendered(folder, *flags):
    page = folder / "plan.html"
    page.write_text(run(folder, "show", "-html", *flags, "plan.json"))
    return page


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory):
    return rendered(project(tmp_path_factory.mktemp("page") / "project"))


def row(page, name):
    return page.get_by_role("treeitem").filter(has=page.get_by_text(name, exact=True))


def focused(page, attribute):
    return page.evaluate("name => document.activeElement.getAttribute(name)", attribute)


def test_the_headline_says_what_has_to_be_known_first(viewer, quickstart):
    page = viewer.open(quickstart)
    headline = page.get_by_role("banner")
    for said in ["Rehearsal.", "o-exampleorgid", "111111111111", "2026-11-22 09:00 UTC", "max_detachments = 2 (default 1)", 'orgroster apply plan.json']:
        expect(headline).to_contain_text(said)
    expect(headline).to_contain_text(re.compile("sha256:[0-9a-f]{64}"))
    counts = [page.locator(f".number.{fate} .figure").inner_text() for fate in ("departing", "blocked", "unmanaged", "unchanged")]
    assert counts == [str(DEPARTING), str(BLOCKED), str(UNMANAGED), str(ACCOUNTS - DEPARTING - BLOCKED - UNMANAGED)]
    assert page.title() == "2 departing, 8 blocked: plan for o-exampleorgid"


def test_search_and_outcomes_narrow_every_view(viewer, quickstart):
    page = viewer.open(quickstart)
    expect(page.get_by_role("status")).to_have_text(f"{ACCOUNTS} accounts")
    page.get_by_role("searchbox", name="Search accounts").fill("production old-")
    expect(page.get_by_role("status")).to_have_text(f"2 of {ACCOUNTS} accounts")
    expect(page.locator(".account .name")).to_have_text(["old-analytics", "old-warehouse"])
    page.get_by_role("searchbox").fill("no such account")
    expect(page.get_by_text("No account matches.")).to_be_visible()
    page.get_by_role("searchbox").fill("")
    blocked = page.get_by_role("button", name="blocked")
    blocked.click()
    expect(blocked).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".account")).to_have_count(BLOCKED)
    page.get_by_role("tab", name="Gates").click()
    expect(page.get_by_role("rowheader")).to_have_count(BLOCKED)
    page.get_by_role("button", name="departing").click()
    expect(page.get_by_role("rowheader")).to_have_count(BLOCKED + DEPARTING)
    blocked.click()
    page.get_by_role("tab", name="Dates").click()
    expect(page.locator(".moment.expires")).to_have_count(1)
    expect(page.locator(".moment.eligible")).to_have_count(0)


def test_the_tree_is_used_by_keyboard(viewer, quickstart):
    page = viewer.open(quickstart)
    tree = page.get_by_role("tree", name="Organization")
    expect(tree.locator('[tabindex="0"]')).to_have_count(1)
    root = row(page, "Root")
    # The account in the panel is the one in the tree's tab order.
    tree.locator('[tabindex="0"]').focus()
    page.keyboard.press("Home")
    expect(root).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(root).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("treeitem")).to_have_count(2 + 2)  # the root, and the accounts outside units
    page.keyboard.press("ArrowRight")
    expect(root).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowRight")
    expect(row(page, "Sandboxes")).to_be_focused()  # units with departures come first
    assert (focused(page, "aria-level"), focused(page, "aria-posinset"), focused(page, "aria-setsize")) == ("2", "1", "5")
    page.keyboard.press("ArrowDown")
    expect(row(page, "acquired-shop")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(row(page, "Sandboxes")).to_be_focused()
    page.keyboard.press("End")
    expect(row(page, "account.old-website")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.type("security-t")
    expect(row(page, "security-tooling")).to_be_focused()
    page.keyboard.press("Enter")
    heading = page.get_by_role("complementary").get_by_role("heading", name="security-tooling")
    expect(heading).to_be_focused()
    expect(row(page, "security-tooling")).to_have_attribute("aria-selected", "true")
    assert page.url.endswith("#210000000003")
    page.keyboard.press("Escape")
    expect(row(page, "security-tooling")).to_be_focused()


def test_the_page_is_reached_from_the_top_by_the_skip_link(viewer, quickstart):
    page = viewer.open(quickstart)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the accounts")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_a_view_and_an_account_can_be_linked(viewer, quickstart):
    page = viewer.open(quickstart, "#gates/230000000004")
    expect(page.get_by_role("tab", name="Gates")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("complementary").get_by_role("heading", name="legacy-crm")).to_be_focused()
    page.get_by_role("tab", name="Dates").click()
    assert page.url.endswith("#dates/230000000004")
    page.get_by_role("tab", name="Organization").click()
    assert page.url.endswith("#230000000004")
    expect(row(page, "legacy-crm")).to_be_in_viewport()
    expect(row(page, "legacy-crm")).to_have_attribute("aria-selected", "true")
    page.goto(page.url.split("#")[0] + "#dates")
    expect(page.get_by_role("tab", name="Dates")).to_have_attribute("aria-selected", "true")


def test_the_account_of_the_panel_is_in_sight_in_the_tree(viewer, quickstart):
    page = viewer.open(quickstart)
    expect(page.locator(".account[aria-selected=true]")).to_be_in_viewport()
    page.get_by_role("button", name="Collapse all").click()
    page.get_by_role("tab", name="Gates").click()
    page.get_by_role("row").filter(has_text="backup").get_by_role("rowheader").click()
    page.get_by_role("tab", name="Organization").click()
    expect(row(page, "backup")).to_be_in_viewport()
    expect(row(page, "backup")).to_have_attribute("aria-selected", "true")


def test_a_cell_of_the_matrix_opens_its_gate(viewer, quickstart):
    page = viewer.open(quickstart)
    page.get_by_role("tab", name="Organization").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Gates")).to_be_focused()
    grid = page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", str(DEPARTING + BLOCKED + 2))
    cell = page.get_by_role("row").filter(has_text="backup").get_by_role("gridcell", name="service_control_policy: blocks")
    cell.click()
    details = page.get_by_role("complementary")
    expect(details.get_by_role("heading", name="backup")).to_be_visible()
    assert focused(page, "data-gate") == "service_control_policy"
    assert page.evaluate("[scrollY, document.documentElement.scrollHeight]") == [0, 850], "the details scroll, not the page"
    answer = details.locator('[data-gate="service_control_policy"]')
    expect(answer).to_contain_text("The administrators of the organization choose one of these ways out")
    expect(answer).to_contain_text("Read with organizations:ListPoliciesForTarget, called from 111111111111")
    page.keyboard.press("Escape")
    expect(cell).to_be_focused()
    page.keyboard.press("ArrowRight")
    assert focused(page, "aria-label").startswith("member_access: deferred to apply")
    page.keyboard.press("Enter")
    assert focused(page, "data-gate") == "member_access"  # in a group that was collapsed
    expect(details.locator('[data-gate="member_access"]')).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+End")
    assert focused(page, "data-column") == str(GATES - 1)


def test_a_departure_shows_reason_consequences_attestations_and_evidence(viewer, quickstart):
    page = viewer.open(quickstart, "#230000000004")
    details = page.get_by_role("complementary")
    for said in ["legacy-crm", "account.legacy-crm", "Root / Workloads / Production", "departures.roster.hcl:2", "contract 2026-117", "cost-center"]:
        expect(details).to_contain_text(said)
    loses = details.locator("details").filter(has_text="Consequences of leaving")
    expect(loses.locator("li.answer")).to_have_count(3)
    evidence = details.get_by_role("link", name="https://tickets.example.com/FIN-77")
    expect(evidence).to_have_attribute("rel", "noopener noreferrer")
    expect(evidence).to_have_attribute("href", "https://tickets.example.com/FIN-77")
    for answer in details.locator("li.answer").all():
        assert answer.get_attribute("data-gate") is not None
    assert details.locator("li.answer").count() == GATES


def test_dates_are_on_one_scale_from_the_plan_on(viewer, quickstart):
    page = viewer.open(quickstart)
    page.clock.set_fixed_time("2026-11-23T00:00:00Z")
    page.get_by_role("tab", name="Dates").click()
    panel = page.get_by_role("tabpanel", name="Dates")
    expect(panel.locator(".moment time")).to_have_text(["2026-11-22 09:00 UTC", "2026-11-24 14:30 UTC", "2026-12-20"])
    expect(panel.locator(".moment.eligible")).to_contain_text("2 days and 5 hours after the plan")
    expect(panel).not_to_contain_text("This time has passed")
    page.clock.set_fixed_time("2026-11-25T00:00:00Z")
    page.get_by_role("tab", name="Gates").click()
    page.get_by_role("tab", name="Dates").click()
    expect(panel.locator(".moment.eligible")).to_contain_text("This time has passed: plan again.")
    panel.get_by_role("button", name="new-lab").click()
    expect(page.get_by_role("complementary").get_by_role("heading", name="new-lab")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_system_until_it_is_turned(viewer, quickstart, scheme):
    page = viewer.open(quickstart, color_scheme=scheme)
    background = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(background)
    other = {"light": "Dark", "dark": "Light"}[scheme]
    page.get_by_role("button", name=f"{other} theme").click()
    assert page.evaluate(background) != before
    page.get_by_role("button", name=f"{scheme.title()} theme").click()
    assert page.evaluate(background) == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1360, 850), (390, 844)], ids=["wide", "narrow"])
def test_no_rule_of_accessibility_is_broken(viewer, quickstart, scheme, size):
    page = viewer.open(quickstart, color_scheme=scheme, viewport={"width": size[0], "height": size[1]})
    for tab in ("Gates", "Dates", "Organization"):
        page.get_by_role("tab", name=tab).click()
        assert violations(page) == [], tab
    row(page, "acquired-shop").click()
    page.evaluate("document.querySelectorAll('details').forEach((group) => (group.open = true))")
    assert violations(page) == []


def test_on_a_narrow_screen_the_details_cover_the_list(viewer, quickstart):
    page = viewer.open(quickstart, viewport={"width": 390, "height": 844}, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    row(page, "acquired-shop").tap()
    expect(page.get_by_role("complementary").get_by_role("heading", name="acquired-shop")).to_be_focused()
    expect(page.locator("#views")).to_have_attribute("inert", "")
    page.get_by_role("button", name="Back to the list").tap()
    expect(page.locator("#views")).not_to_have_attribute("inert", "")
    expect(row(page, "acquired-shop")).to_be_focused()


def test_paper_has_every_departure_the_gates_and_the_dates(viewer, quickstart):
    page = viewer.open(quickstart, color_scheme="dark")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    paper = page.locator("#paper")
    expect(paper.locator("article")).to_have_count(DEPARTING + BLOCKED)
    expect(paper.locator("article").filter(has_text="security-tooling")).to_contain_text("aws organizations deregister-delegated-administrator")
    expect(paper.locator("table.gates tbody tr")).to_have_count(DEPARTING + BLOCKED)
    expect(paper.locator(".moment")).to_have_count(3)
    expect(page.locator("#views")).to_be_hidden()
    expect(page.locator("#details")).to_be_hidden()
    expect(page.get_by_text("Rehearsal.")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).colorScheme").endswith("light")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(paper).to_be_empty()
    assert page.pdf(format="A4").count(b"/Type /Page\n") > 5


def test_a_baseline_sets_apart_what_the_change_introduces(viewer, tmp_path):
    reason = ("departures.roster.hcl", "Spun off with the robotics team", "Spun off")
    head = 'id         = "260000000001"\n  email      = "aws@acquired-shop.example.com"\n  membership = '
    stays = ("departures.roster.hcl", f'{head}"detached"\n  reason     = "Returned to its founders"', f'{head}"member"')
    limit = ("main.roster.hcl", "max_detachments    = 2", "max_detachments    = 1")
    before = project(tmp_path / "before", reason, stays, limit)
    page = viewer.open(rendered(project(tmp_path / "after"), "-baseline", str(before / "plan.json")))
    headline = page.get_by_role("banner")
    expect(headline).to_contain_text("1 departure and 1 blocked by this change, 8 pending before, 0 withdrawn")
    expect(headline).to_contain_text("the guardrails change")
    expect(row(page, "acquired-shop")).to_contain_text("introduced")
    expect(row(page, "new-lab")).to_contain_text("redeclared")
    expect(row(page, "legacy-crm").locator(".since")).to_have_count(0)
    page.get_by_role("button", name="Show only this change").click()
    expect(page.locator(".account .name")).to_have_text(["acquired-shop", "new-lab"])


HOSTILE = {
    "closes the script": "</script ><img src=x onerror=alert(1)>",
    "is markup": "<img src=x onerror=alert(2)><svg onload=alert(3)>",
    "reorders text": "crm\u202emoc.elpmaxe",
}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_values_of_other_people_stay_texts(viewer, tmp_path, name):
    folder = project(
        tmp_path / "project",
        ("organization.sandbox.hcl", '"legacy-crm"', f'"{name}"'),
        ("departures.roster.hcl", 'name       = "legacy-crm"', f'name       = "{name}"'),
        ("departures.roster.hcl", "Divested to Example Corp", f"Divested {name}"),
        ("departures.roster.hcl", "https://tickets.example.com/FIN-77", "javascript:alert(4)"),
        ("departures.roster.hcl", "https://tickets.example.com/SEC-12", "https://example.com/x onclick=alert(5)"),
    )
    page = viewer.open(rendered(folder), "#230000000004")
    details = page.get_by_role("complementary")
    shown = name.replace("\u202e", "\\u{202e}")
    expect(details.get_by_role("heading", level=2)).to_have_text(shown)
    expect(details).to_contain_text("javascript:alert(4)")
    assert page.locator("img, svg, iframe, object, embed").count() == 0
    addresses = page.locator("a").evaluate_all("links => links.map((link) => link.href)")
    assert [url for url in addresses if not url.startswith(("https://docs.aws.amazon.com/", "file://"))] == []
    for tab in ("Gates", "Dates"):
        page.get_by_role("tab", name=tab).click()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("img, svg").count() == 0


def test_the_browser_itself_refuses_what_the_page_does_not_do(viewer, quickstart):
    page = viewer.open(quickstart)
    attempts = """async () => {
      const tried = {};
      try { document.body.insertAdjacentHTML('beforeend', '<b>x</b>'); tried.html = 'done'; } catch (error) { tried.html = error.name; }
      try { await fetch('https://example.com/'); tried.request = 'done'; } catch (error) { tried.request = error.name; }
      const script = document.createElement('script');
      try { script.textContent = 'window.ran = true'; document.body.append(script); } catch (error) { tried.script = error.name; }
      tried.ran = window.ran ?? false;
      return tried;
    }"""
    assert page.evaluate(attempts) == {"html": "TypeError", "request": "TypeError", "script": "TypeError", "ran": False}
    assert viewer.complaints and all("Content Security Policy" in complaint or "TrustedScript" in complaint or "Trusted" in complaint for complaint in viewer.complaints)
    viewer.complaints.clear()


def test_a_served_page_asks_its_server_for_nothing_else(viewer, quickstart):
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            asked.append(self.path)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=quickstart.parent)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        context = viewer.browser.new_context()
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.server_address[1]}/{quickstart.name}")
        for tab in ("Gates", "Dates", "Organization"):
            page.get_by_role("tab", name=tab).click()
        expect(page.locator(".account").first).to_be_visible()
        context.close()
        server.shutdown()
    assert asked == [f"/{quickstart.name}"]


def test_without_its_script_the_page_says_where_the_plan_is(viewer, quickstart):
    page = viewer.open(quickstart, java_script_enabled=False)
    expect(page.get_by_text("orgroster show FILE")).to_be_visible()


def test_five_thousand_accounts_are_no_more_to_the_browser_than_thirty(viewer, quickstart, tmp_path):
    fixture = run(tmp_path, "sandbox", "generate", "-accounts", "5000")
    organization = re.search(r'organization "(o-\w+)"', fixture)[1]
    (tmp_path / "organization.sandbox.hcl").write_text(fixture)
    (tmp_path / "main.roster.hcl").write_text(f"""
provider "aws" {{ sandbox = "organization.sandbox.hcl" }}
organization {{
  id                    = "{organization}"
  management_account_id = "111111111111"
}}
guardrails {{ max_detachments = 500 }}
account "leaving" {{
  for_each   = {{ for n in range(1, 301) : format("account-%05d", n * 16 + 1) => format("%012d", 111111111112 + n * 16) }}
  id         = each.value
  name       = each.key
  membership = "detached"
  reason     = "Divested"
}}
""")
    run(tmp_path, "plan", "-out", "plan.json")
    nodes = "document.querySelectorAll('*').length"
    small = viewer.open(quickstart).evaluate(nodes)
    page = viewer.open(rendered(tmp_path))
    page.get_by_role("button", name="Expand all").click()
    tree = page.get_by_role("tree")
    viewport = page.locator("#panel-organization .viewport")
    row_height = page.get_by_role("treeitem").first.evaluate("row => row.offsetHeight")
    assert tree.evaluate("tree => tree.offsetHeight") > 4999 * row_height
    assert page.evaluate(nodes) < 2 * small
    # The account in the panel is the one in the tree's tab order.
    tree.locator('[tabindex="0"]').focus()
    page.keyboard.press("Home")
    viewport.evaluate("viewport => { viewport.scrollTop = viewport.scrollHeight; }")
    last = page.get_by_role("treeitem").last
    expect(last).to_be_in_viewport()
    assert focused(page, "data-index") == "0", "the focused row stays, out of sight"
    assert page.evaluate(nodes) < 2 * small
    page.keyboard.press("End")
    expect(last).to_be_focused()
    page.get_by_role("searchbox").fill("account-04801")
    expect(page.locator(".account .name")).to_have_text(["account-04801"])
    page.get_by_role("searchbox").fill("")
    page.get_by_role("tab", name="Gates").click()
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "302")
    matrix = page.locator("#panel-gates .viewport")
    matrix.evaluate("viewport => { viewport.scrollTop = viewport.scrollHeight; }")
    expect(page.get_by_role("rowheader").last).to_be_in_viewport()
    assert page.get_by_role("rowheader").count() < 50
