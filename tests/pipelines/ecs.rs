//! Amazon ECS: the scripts of `actions/ecs` by the real `aws` program against moto's server, in which a stand-in of ours answers for
//! services and for the users of a load balancer.

mod account;
mod lifecycle;
mod scripts;
mod workflow;
