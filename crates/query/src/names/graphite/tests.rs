use super::{all, signatures};
use crate::graphite::{Context, render};
use model::memory::MemoryStore;
use std::collections::HashSet;

/// What `graphite-web` 1.1 registers under `/functions`, without its functions for pies.
const GRAPHITE_WEB: &str = "absolute add aggregate aggregateLine aggregateSeriesLists aggregateWithWildcards alias \
    aliasByMetric aliasByNode aliasByTags aliasQuery aliasSub alpha applyByNode areaBetween asPercent averageAbove \
    averageBelow averageOutsidePercentile averageSeries averageSeriesWithWildcards avg cactiStyle changed color \
    consolidateBy constantLine countSeries cumulative currentAbove currentBelow dashed delay derivative diffSeries \
    diffSeriesLists divideSeries divideSeriesLists drawAsInfinite events exclude exp exponentialMovingAverage \
    fallbackSeries filterSeries grep group groupByNode groupByNodes groupByTags highest highestAverage highestCurrent \
    highestMax hitcount holtWintersAberration holtWintersConfidenceArea holtWintersConfidenceBands holtWintersForecast \
    identity integral integralByInterval interpolate invert isNonNull keepLastValue legendValue limit lineWidth \
    linearRegression log logit lowest lowestAverage lowestCurrent map mapSeries maxSeries maximumAbove maximumBelow \
    minMax minSeries minimumAbove minimumBelow mostDeviant movingAverage movingMax movingMedian movingMin movingSum \
    movingWindow multiplySeries multiplySeriesLists multiplySeriesWithWildcards nPercentile nonNegativeDerivative \
    offset offsetToZero pct perSecond percentileOfSeries pow powSeries randomWalk randomWalkFunction rangeOfSeries \
    reduce reduceSeries removeAbovePercentile removeAboveValue removeBelowPercentile removeBelowValue \
    removeBetweenPercentile removeEmptySeries round scale scaleToSeconds secondYAxis seriesByTag setXFilesFactor \
    sigmoid sin sinFunction smartSummarize sortBy sortByMaxima sortByMinima sortByName sortByTotal squareRoot stacked \
    stddevSeries stdev substr sum sumSeries sumSeriesLists sumSeriesWithWildcards summarize threshold time \
    timeFunction timeShift timeSlice timeStack transformNull unique useSeriesAbove verticalLine weightedAverage \
    xFilesFactor";

/// What carbonapi has besides.
const CARBONAPI: &str = "aliasByBase64 aliasByPostgres aliasByRedis baseline baselineAberration count diff \
    diffSeriesLists exponentialWeightedMovingAverage fft heatMap highestMin ifft integralWithReset isNotNull \
    kolmogorovSmirnovTest2 ksTest2 lowPass lowestMax lowestMin lpf max min multiply pearson pearsonClosest polyfit \
    powSeriesLists removeZeroSeries slo sloErrorBudget stddev timeShiftByMetric tukeyAbove tukeyBelow";

#[test]
fn names_are_unique_and_everything_is_documented() {
    let mut seen = HashSet::new();
    for row in all() {
        let signature = &row.signature;
        assert!(signature.names().all(|name| seen.insert(name)), "{} is there twice", signature.name);
        assert!(signature.summary.ends_with('.'), "{}", signature.name);
        assert!(signature.args.iter().all(|p| p.doc.ends_with('.')), "{}", signature.name);
        let tail = signature.args.split_last().map_or(&[] as &[_], |(_, rest)| rest);
        assert!(
            tail.iter().all(|p| !p.multi),
            "{}: only the last argument may be given many times",
            signature.name
        );
    }
    for name in GRAPHITE_WEB.split_whitespace().chain(CARBONAPI.split_whitespace()) {
        assert!(seen.contains(name), "{name} is missing");
    }
}

#[test]
fn examples_run() {
    let store = MemoryStore::new();
    for function in all() {
        let example = function.signature.example;
        let answer = render(&[example], &Context::new(0, 3600), &store).unwrap();
        let needs_series = [
            "verticalLine",
            "areaBetween",
            "pearson",
            "pearsonClosest",
            "integralWithReset",
            "kolmogorovSmirnovTest2",
        ];
        let refuses = ["aliasByPostgres", "aliasByRedis"];
        let result = &answer.results[0];
        let called = lang::graphite::plan(&[example], signatures());
        assert!(called.results[0].is_ok(), "{example}: {:?}", called.results[0]);
        if refuses.contains(&function.signature.name) {
            assert!(result.as_ref().is_err_and(|error| error.message().contains("aliasByTags")));
        } else if !needs_series.contains(&function.signature.name)
            && function.signature.name != "holtWintersConfidenceArea"
        {
            assert!(result.is_ok(), "{example}: {:?}", result.as_ref().err());
        }
        assert!(
            example.contains(&format!("{}(", function.signature.name))
                || function.signature.names().any(|name| example.contains(name)),
            "{example}"
        );
    }
}
