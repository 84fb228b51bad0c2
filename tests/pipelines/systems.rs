//! The templates for GitLab CI, Jenkins and CodeBuild, run for real: their shell lines, the native programs, git over HTTP, a registry,
//! and a reconciler that runs what the config repository says.
//!
//! Not real are the servers of these systems. gitlab-ci-local reads GitLab's file; a shim under groovy reads the Jenkinsfile, and the test
//! itself the buildspecs. `docker` is a stand-in too, which pushes to the registry what the service is made of.

mod codebuild;
mod gitlab;
mod jenkins;
mod tools;
mod world;
