//! What operators do, from outside: one day of one operator by grpcurl, and every act with the books that follow.

mod acts;
mod day;
mod endings;

use acts::every_act_moves_the_money_that_it_says;
use acts::what_cannot_be_done_says_why;
use day::a_timeout_is_listed_compared_resolved_and_explained;
use endings::what_ends_is_listed_while_it_can_be_avoided;
use tranche_tests::world::DatabaseKind;

on_both_databases! {
    a_timeout_is_listed_compared_resolved_and_explained,
    every_act_moves_the_money_that_it_says,
    what_cannot_be_done_says_why,
    what_ends_is_listed_while_it_can_be_avoided,
}
