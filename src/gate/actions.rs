//! Sets of actions, to which gates apply.

use crate::org::{Action, JoinStep};

/// Every way to leave.
pub const LEAVING: &[Action] = &[Action::Leave, Action::Remove, Action::Transfer];
/// Ways to leave that make the account standalone.
pub const TO_STAND_ALONE: &[Action] = &[Action::Leave, Action::Remove];
/// Ways to leave in which the member makes the call itself.
pub const OWN_CALL: &[Action] = &[Action::Leave, Action::Transfer];
/// Leaving by LeaveOrganization.
pub const LEAVE_ITSELF: &[Action] = &[Action::Leave];
/// Moving to another organization.
pub const TRANSFER: &[Action] = &[Action::Transfer];
/// Every action.
pub const EVERY: &[Action] = Action::ALL;
/// Every action on an account that is a member at that time.
pub const WITH_ACCOUNT: &[Action] = &[Action::Leave, Action::Remove, Action::Transfer, Action::Join(JoinStep::Place)];
/// Every step of joining.
pub const JOINING: &[Action] = &[Action::Join(JoinStep::Invite), Action::Join(JoinStep::Accept), Action::Join(JoinStep::Place)];
/// The steps of joining while the account is not a member yet.
pub const TO_COME_IN: &[Action] = &[Action::Join(JoinStep::Invite), Action::Join(JoinStep::Accept)];
/// Inviting.
pub const INVITE: &[Action] = &[Action::Join(JoinStep::Invite)];
