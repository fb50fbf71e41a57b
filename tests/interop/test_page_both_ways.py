"""The page of `show -html` for accounts that join and accounts that move to another organization: each direction has its own words."""

from browser import violations
from playwright.sync_api import expect
from test_page import rendered, row, run

BOTH_WAYS = """
sandbox {
  clock = "2026-11-22T09:00:00Z"
}

organization "o-exampleorgid" {
  management_account_id = "111111111111"

  root {
    id = "r-ab12"
  }

  organizational_unit "Acquired" {
    id = "ou-ab12-acquired"
  }

  account "111111111111" {
    name   = "management"
    email  = "management@example.com"
    joined = "2020-01-01T00:00:00Z"
  }

  account "333333333333" {
    name   = "sold-shop"
    email  = "sold-shop@example.com"
    joined = "2024-03-01T10:00:00Z"
  }
}

account "555555555555" {
  name  = "bought-shop"
  email = "bought-shop@example.com"

  role "Accept" {
    trusts = ["111111111111"]
  }
}
"""

BOTH_BLOCKS = """
provider "aws" {
  sandbox = "organization.sandbox.hcl"
}

organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}

guardrails {
  max_joins        = 2
  transfer_targets = { "o-targetorgid" = "999999999999" }
}

account "sold" {
  id         = "333333333333"
  name       = "sold-shop"
  membership = "detached"
  via        = "transfer"
  to         = "o-targetorgid"
  reason     = "Sold to Target Corp"
}

account "bought" {
  id         = "555555555555"
  name       = "bought-shop"
  membership = "member"

  join {
    reason = "Bought from Source Corp"
    on     = "2026-11-20"
    unit   = "ou-ab12-acquired"
    tags   = { cost-center = "42" }

    accept_role {
      arn = "arn:aws:iam::555555555555:role/Accept"
    }
  }
}

account "asked" {
  id         = "666666666666"
  name       = "asked-shop"
  membership = "member"

  join {
    reason = "Asked to come"
    on     = "2026-11-20"
  }
}
"""


def test_accounts_that_join_and_that_move_have_words_of_their_own(viewer, tmp_path):
    (tmp_path / "organization.sandbox.hcl").write_text(BOTH_WAYS)
    (tmp_path / "main.roster.hcl").write_text(BOTH_BLOCKS)
    run(tmp_path, "plan", "-out", "plan.json")
    page = viewer.open(rendered(tmp_path))
    assert page.title() == "1 departing, 2 joining, 0 blocked: plan for o-exampleorgid"
    details = page.get_by_role("complementary")
    row(page, "sold-shop").click()
    expect(details.get_by_role("heading", name="Transfer", exact=True)).to_be_visible()
    for said in ["Sold to Target Corp", "AcceptHandshake by OrganizationAccountAccessRole", "o-targetorgid of management account 999999999999"]:
        expect(details).to_contain_text(said)
    expect(details).not_to_contain_text("which service control policies don't restrict")
    row(page, "bought-shop").click()
    expect(details.get_by_role("heading", name="Joining", exact=True)).to_be_visible()
    for said in [
        "Bought from Source Corp",
        "Root/Acquired (ou-ab12-acquired)",
        "cost-center",
        "AcceptHandshake by arn:aws:iam::555555555555:role/Accept",
        "Consequences of joining",
    ]:
        expect(details).to_contain_text(said)
    for never in ["Departure", "Consequences of leaving", "Not read by any gate"]:
        expect(details).not_to_contain_text(never)
    row(page, "asked-shop").click()
    expect(details).to_contain_text("a person in the account; identity unverified")
    assert violations(page) == []
    joining = page.get_by_role("button", name="joining")
    joining.click()
    expect(page.locator(".account .name")).to_have_text(["asked-shop", "bought-shop"])
    page.get_by_role("tab", name="Gates").click()
    expect(page.get_by_role("rowheader")).to_have_count(2)
    page.get_by_role("tab", name="Dates").click()
    expect(page.get_by_text("No account shown here waits for a date")).to_be_visible()
    joining.click()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#paper article")).to_have_count(3)
