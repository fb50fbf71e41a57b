//! How close a plan comes to the minimum time that AWS's quotas allow for its requests, and how well it predicts the remaining time.

use tokio::time::{Instant, sleep};

use crate::observe::organization as observe;
use crate::org::ReadingCost;

use super::*;

/// The latency of AWS's answers.
const LATENCY: Duration = Duration::from_millis(100);
const SHARE: u32 = 60;

/// The minimum time that the share of the quotas allows for these requests. Operations are read in parallel, so the slowest one counts.
fn floor(cost: &ReadingCost) -> f64 {
    cost.operations.values().map(|of| of.floor().as_secs_f64()).fold(0.0, f64::max)
}

/// The cost of a reading, and its predictions of the remaining time: when each was made, and what it was.
struct Watched {
    cost: ReadingCost,
    said: Vec<(f64, Option<f64>)>,
}

async fn read(world: &World) -> Watched {
    let aws = client(world.open(), Pace::new(Some(SHARE)), LATENCY);
    let (declared, began) = (declared(), Instant::now());
    let scope = scope(&declared, world);
    let mut said = Vec::new();
    let listen = async {
        loop {
            sleep(Duration::from_millis(100)).await;
            said.push((began.elapsed().as_secs_f64(), aws.cost().left().map(|left| left.as_secs_f64())));
        }
    };
    let observed = tokio::select! {
        observed = observe(&aws, &scope) => observed.unwrap(),
        () = listen => unreachable!(),
    };
    assert_eq!(observed.accounts.len(), world.members + 1);
    assert_eq!(observed.tags.len(), world.departing);
    assert_eq!(observed.policies.unwrap().texts.len(), if world.departing > 0 { world.policies + 1 } else { 0 });
    Watched { cost: aws.cost(), said }
}

fn worlds(members: usize) -> [World; 5] {
    [(0, false), (10, false), (10, true), (100, false), (100, true)].map(|(departing, own_units)| world(members, departing, own_units))
}

fn world(members: usize, departing: usize, own_units: bool) -> World {
    World { members, departing, own_units, policies: 4, administrators: false, quotas: true }
}

fn name(world: &World) -> String {
    let World { members, departing, own_units, .. } = world;
    format!("{members} accounts, {departing} departures{}", if *own_units { " in units of their own" } else { "" })
}

#[tokio::test(start_paused = true)]
async fn a_plan_takes_no_more_than_a_tenth_over_the_floor_of_the_quotas_share_and_draws_no_throttle() {
    // From a thousand accounts on: with fewer, the latency of one answer is more than a tenth of the whole.
    let largest = crate::testing::size("ORGROSTER_FLOOR_ACCOUNTS", 1_000).max(1_000);
    let sizes = [1_000, 10_000].into_iter().filter(|members| *members <= largest);
    // The largest one runs once: the reads for its departures end long before its list does.
    for world in sizes.flat_map(worlds).chain((largest > 10_000).then(|| world(largest, 100, true))) {
        let cost = read(&world).await.cost;
        let (took, floor) = (cost.elapsed.as_secs_f64(), floor(&cost));
        assert_eq!(cost.throttled(), 0, "{}", name(&world));
        let (operation, bound) = cost.bound().unwrap();
        assert!(bound.floor().as_secs_f64() >= floor * 0.9, "{}: {operation} is said to have bounded the reading\n{cost:#?}", name(&world));
        assert!(took >= floor && took <= floor * 1.1, "{}: {took:.1} s, and the floor is {floor:.1} s\n{cost:#?}", name(&world));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_said_of_the_rest_is_true_within_a_tenth_of_the_whole() {
    for world in worlds(1_000) {
        let Watched { cost, said } = read(&world).await;
        let whole = cost.elapsed.as_secs_f64();
        for part in [0.25, 0.5, 0.75] {
            let (at, left) = said.iter().find(|(at, _)| *at >= whole * part).unwrap();
            let (left, truth) = (left.unwrap_or(0.0), whole - at);
            assert!(
                (left - truth).abs() <= whole * 0.1,
                "{} at {at:.1} s: {left:.1} s were said to be left, and it took {truth:.1} s",
                name(&world)
            );
        }
    }
}
