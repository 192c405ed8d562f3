//! Counts by size, one set for each who.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::metrics::v1::HistogramDataPoint;

/// How many different points a metric has at most. What comes then is counted together.
const MOST: usize = 1_000;

/// What says so.
pub(super) const OVERFLOW: &str = "otel.metric.overflow";

type Who = BTreeMap<&'static str, String>;

pub(super) struct Points {
    bounds: &'static [f64],
    points: BTreeMap<Who, Point>,
}

struct Point {
    /// One more than there are bounds.
    counts: Vec<u64>,
    count: u64,
    sum: f64,
    min: f64,
    max: f64,
}

impl Points {
    pub(super) fn new(bounds: &'static [f64]) -> Self {
        Self {
            bounds,
            points: BTreeMap::new(),
        }
    }

    pub(super) fn add(&mut self, who: Who, value: f64) {
        let is_full = self.points.len() >= MOST && !self.points.contains_key(&who);
        let who = if is_full {
            Who::from([(OVERFLOW, String::new())])
        } else {
            who
        };
        let buckets = self.bounds.len() + 1;
        let point = self.points.entry(who).or_insert_with(|| Point {
            counts: vec![0; buckets],
            count: 0,
            sum: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        });
        // A bound is part of the bucket below it.
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        if let Some(count) = point.counts.get_mut(bucket) {
            *count += 1;
        }
        point.count += 1;
        point.sum += value;
        point.min = point.min.min(value);
        point.max = point.max.max(value);
    }

    pub(super) fn to_proto(&self, started: u64, now: u64) -> Vec<HistogramDataPoint> {
        let points = self.points.iter().map(|(who, point)| HistogramDataPoint {
            attributes: super::attributes(who),
            start_time_unix_nano: started,
            time_unix_nano: now,
            count: point.count,
            sum: Some(point.sum),
            bucket_counts: point.counts.clone(),
            explicit_bounds: self.bounds.to_vec(),
            min: Some(point.min),
            max: Some(point.max),
            ..HistogramDataPoint::default()
        });
        points.collect()
    }
}
