//go:build !race

package quadstore

const raceDetected = false
