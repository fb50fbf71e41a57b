//! Listing handshakes: those that an account received, and those that an organization sent.

use std::ops::Bound;

use crate::sandbox::operations::{Call, page_answer};
use crate::sandbox::state::handshake::{Handshake, HandshakeAction};
use crate::sandbox::state::words::Word;
use crate::sandbox::wire::{Answer, Refusal};

use super::lifecycle::view;

/// The `Filter` of an input.
struct Filter {
    /// The requested action, if any; the inner `None` is an action of AWS for which the sandbox has no handshakes.
    action: Option<Option<HandshakeAction>>,
    parent: Option<String>,
}

impl Filter {
    fn read(call: &Call<'_>) -> Result<Self, Refusal> {
        let Some(filter) = call.input.structure("Filter")? else { return Ok(Self { action: None, parent: None }) };
        let others = ["ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE", "TRANSFER_RESPONSIBILITY"].map(|word| (word, None));
        let own = HandshakeAction::WORDS.iter().map(|(word, action)| (*word, Some(*action)));
        let words: Vec<_> = own.chain(others).collect();
        let action = filter.optional_of("ActionType", &words)?;
        Ok(Self { action, parent: filter.optional("ParentHandshakeId")?.map(str::to_owned) })
    }

    fn lets(&self, handshake: &Handshake) -> bool {
        self.action.is_none_or(|action| action == Some(handshake.action))
            && self.parent.as_ref().is_none_or(|parent| handshake.parent.as_ref() == Some(parent))
    }
}

/// A management account does not see invitations from other organizations: it would have to delete its own organization first
/// (Organizations User Guide, migrating an account).
pub(super) fn for_account(call: &mut Call<'_>) -> Answer {
    let account = call.caller.account;
    let manages = call.organization().is_ok_and(|organization| organization.management == account);
    list(call, |handshake| handshake.account == account && !(manages && handshake.action == HandshakeAction::Invite))
}

pub(super) fn for_organization(call: &mut Call<'_>) -> Answer {
    let organization = call.organization()?.id.clone();
    list(call, |handshake| handshake.organization == organization)
}

fn list(call: &mut Call<'_>, wanted: impl Fn(&Handshake) -> bool) -> Answer {
    let filter = Filter::read(call)?;
    let size = call.input.page_size()?;
    let now = call.circumstances.now;
    let page = call.page(size, |world, start, count| {
        let handshakes = world.handshakes.range((start.bound(), Bound::Unbounded)).map(|(_, handshake)| handshake);
        let handshakes = handshakes.filter(|handshake| filter.lets(handshake) && handshake.is_listed(now) && wanted(handshake)).take(count);
        Ok(handshakes.map(|handshake| (handshake.id.clone(), view(handshake, world, now))).collect())
    })?;
    page_answer("Handshakes", page)
}
