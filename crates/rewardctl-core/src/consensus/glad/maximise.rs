//! The abilities and eases that explain the expected labels best: Newton's method, its steps by conjugate gradients.
//!
//! Reference: J. Nocedal and S. J. Wright, *Numerical Optimization* (2nd ed., 2006), algorithm 7.1, with the diagonal as
//! preconditioner. Second derivatives are a diagonal and one number a vote, so that a step costs a few passes.

use crate::consensus::glad::penalty;
use crate::votes::{Vote, Votes};

/// Newton steps at most; a few are enough.
const STEPS: usize = 50;

/// No part of the gradient is larger than this at the end.
const GRADIENT: f64 = 1e-8;

/// Conjugate gradients of one step at most.
const INNER_STEPS: usize = 200;

/// The share of the promised decrease that a step must bring (Armijo).
const LEAST_DECREASE: f64 = 1e-4;

/// A step is halved as often before it is given up.
const HALVINGS: u32 = 40;

/// Below this share of the value, rounding decides what is less.
const ROUNDING: f64 = 1e-13;

/// Moves `point` (abilities, then eases) to the least of `Σ_j [log(1 + e^{x_j}) − p_j x_j] + ½ Σ (point − 1)²`, with
/// `x = α e^β` and p in `right` the probability of each vote's label.
pub(super) fn maximise(votes: &Votes, right: &[f64], point: &mut Vec<f64>) {
    let mut here = Place::new(votes, right, point);
    for _ in 0..STEPS {
        if here.gradient.iter().all(|part| part.abs() <= GRADIENT) {
            return;
        }
        let direction = here.direction(votes);
        let slope = dot(&direction, &here.gradient);
        let moved = |length: f64| -> Vec<f64> {
            point.iter().zip(&direction).map(|(value, part)| value + length * part).collect()
        };
        if -slope <= ROUNDING * here.value.abs() {
            *point = moved(1.0);
            return;
        }
        let found = (0..HALVINGS).find_map(|halvings| {
            let length = 0.5f64.powi(halvings as i32);
            let next = moved(length);
            let place = Place::new(votes, right, &next);
            let is_lower = place.value <= here.value + LEAST_DECREASE * length * slope;
            is_lower.then_some((next, place))
        });
        let Some((next, place)) = found else { return };
        *point = next;
        here = place;
    }
}

/// What is known at a point.
struct Place {
    value: f64,
    gradient: Vec<f64>,
    /// The second derivatives by one parameter.
    diagonal: Vec<f64>,
    /// Those by the ability and the ease of each vote.
    mixed: Vec<f64>,
}

impl Place {
    fn new(votes: &Votes, right: &[f64], point: &[f64]) -> Self {
        let annotators = votes.extent().annotators;
        let (abilities, eases) = point.split_at(annotators);
        let mut new = Self {
            value: penalty(point),
            gradient: point.iter().map(|value| value - 1.0).collect(),
            diagonal: vec![1.0; point.len()],
            mixed: Vec::with_capacity(right.len()),
        };
        for (item, ease) in eases.iter().enumerate() {
            let (scale, at) = (ease.exp(), annotators + item);
            for (vote, right) in votes.of(item).iter().zip(&right[votes.span(item)]) {
                let annotator = vote.annotator as usize;
                let strength = abilities[annotator] * scale;
                let small = (-strength.abs()).exp();
                new.value += strength.max(0.0) + small.ln_1p() - right * strength;
                let chance = if strength >= 0.0 { 1.0 } else { small } / (1.0 + small);
                let (first, second) = (chance - right, small / ((1.0 + small) * (1.0 + small)));
                new.gradient[annotator] += first * scale;
                new.gradient[at] += first * strength;
                new.diagonal[annotator] += second * scale * scale;
                new.diagonal[at] += (second * strength + first) * strength;
                new.mixed.push((second * strength + first) * scale);
            }
        }
        new
    }

    /// Returns where to go: downhill, as far as the curvature says.
    fn direction(&self, votes: &Votes) -> Vec<f64> {
        // Where an ease curves downwards, the identity of its prior stands in.
        let scales: Vec<f64> = self.diagonal.iter().map(|part| part.max(1.0)).collect();
        let norm = dot(&self.gradient, &self.gradient).sqrt();
        let enough = norm * norm.sqrt().min(0.1);
        let mut direction = vec![0.0; self.gradient.len()];
        let mut rest: Vec<f64> = self.gradient.iter().map(|part| -part).collect();
        let mut scaled: Vec<f64> = rest.iter().zip(&scales).map(|(rest, scale)| rest / scale).collect();
        let mut along = scaled.clone();
        let mut size = dot(&rest, &scaled);
        for step in 0..INNER_STEPS {
            let curved = self.curve(votes, &along);
            let curvature = dot(&along, &curved);
            if curvature <= 0.0 {
                return if step == 0 { along } else { direction };
            }
            let length = size / curvature;
            add(&mut direction, length, &along);
            add(&mut rest, -length, &curved);
            if dot(&rest, &rest).sqrt() <= enough {
                break;
            }
            scaled
                .iter_mut()
                .zip(rest.iter().zip(&scales))
                .for_each(|(one, (rest, scale))| *one = rest / scale);
            let next = dot(&rest, &scaled);
            let keep = next / size;
            along.iter_mut().zip(&scaled).for_each(|(along, scaled)| *along = scaled + keep * *along);
            size = next;
        }
        direction
    }

    /// Returns the second derivatives times `along`.
    fn curve(&self, votes: &Votes, along: &[f64]) -> Vec<f64> {
        let annotators = votes.extent().annotators;
        let mut curved: Vec<f64> = self.diagonal.iter().zip(along).map(|(one, other)| one * other).collect();
        for (Vote { item, annotator, .. }, mixed) in votes.all().iter().zip(&self.mixed) {
            let (ability, ease) = (*annotator as usize, annotators + *item as usize);
            curved[ability] += mixed * along[ease];
            curved[ease] += mixed * along[ability];
        }
        curved
    }
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

fn add(sum: &mut [f64], factor: f64, addend: &[f64]) {
    sum.iter_mut().zip(addend).for_each(|(sum, addend)| *sum += factor * addend);
}
