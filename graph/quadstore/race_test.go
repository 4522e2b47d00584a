//go:build race

package quadstore

// raceDetected says that the race detector is on, which is too slow for much data.
const raceDetected = true
