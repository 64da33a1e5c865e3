import { expect, it } from "vitest";
import { parseStatistics } from "../../../components/haproxy/runtimeApi.ts";

const CSV = `# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,check_status
writer,FRONTEND,,,3,5,4000,9,1,1,0,0,0,,,,,OPEN,
writer,postgres-1,0,0,3,5,,9,1,1,,0,,0,0,0,0,UP,1,L7OK
writer,postgres-2,0,0,0,0,,0,0,0,,0,,0,0,0,0,DOWN,1
writer,BACKEND,0,0,3,5,400,9,1,1,0,0,,0,0,0,0,UP,1
reader,postgres-1,0,0,0,0,,0,0,0,,0,,0,0,0,0,DOWN 1/2,1
reader,postgres-2,0,0,7,9,,9,1,1,,0,,0,0,0,0,DRAIN,1,L7OK
reader,postgres-3,0,0,0,0,,0,0,0,,0,,0,0,0,0,UP,1,INI
reader,postgres-4,0,0,0,0,,0,0,0,,0,,0,0,0,0,UP,1,* INI
`;

it("reads each member's state and sessions out of HAProxy's statistics", () => {
  expect(parseStatistics(CSV, "writer")).toEqual([
    { member: "postgres-1", up: true, sessions: 3 },
    { member: "postgres-2", up: false, sessions: 0 },
  ]);
  expect(parseStatistics(CSV, "reader")).toEqual([
    { member: "postgres-1", up: false, sessions: 0 },
    { member: "postgres-2", up: false, sessions: 7 },
    { member: "postgres-3", up: false, sessions: 0 },
    { member: "postgres-4", up: false, sessions: 0 },
  ]);
  expect(parseStatistics("", "writer")).toEqual([]);
});
